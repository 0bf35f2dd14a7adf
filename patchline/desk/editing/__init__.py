"""The desk's pages for what patients are told: topics, conversations, wordings, document, clinic; and the history."""

from patchline.desk.editing import (
    clinic_pages,
    conversation_pages,
    document_pages,
    history_pages,
    new_topic,
    preview_page,
    signing,
    topic_pages,
    wording_pages,
)

ROUTES = [
    *topic_pages.ROUTES,
    *new_topic.ROUTES,
    *conversation_pages.ROUTES,
    *preview_page.ROUTES,
    *wording_pages.ROUTES,
    *document_pages.ROUTES,
    *clinic_pages.ROUTES,
    *history_pages.ROUTES,
    *signing.ROUTES,
]
