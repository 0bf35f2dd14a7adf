"""The desk's pages for what patients are told: topics, wordings, document, the clinic's facts, and their history."""

from patchline.desk.editing import (
    clinic_pages,
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
    *preview_page.ROUTES,
    *wording_pages.ROUTES,
    *document_pages.ROUTES,
    *clinic_pages.ROUTES,
    *history_pages.ROUTES,
    *signing.ROUTES,
]
