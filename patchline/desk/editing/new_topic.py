"""A new topic, by one guided form."""

from __future__ import annotations

import re
import unicodedata

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.desk.access import audit, signed_in
from patchline.desk.editing import topic_form
from patchline.desk.editing.common import author, dotted, show, text_of, work
from patchline.desk.editing.topic_form import Draft
from patchline.workspace import Author, Change, Conflict, Invalid, Workspace
from patchline.workspace import topics as T
from patchline.workspace.content import content_of
from patchline.workspace.document import sections
from patchline.workspace.topics import Topic

GROUPS = {"faq": "The document answers it", "not_covered": "It does not: an honest no, and the clinic line"}
FEW = 25  # sentences from which on a topic is understood well
HONEST = (
    "The clinic's page does not say …, so I can't tell you.\n\nThe clinic's staff can. Call the clinic line: {line}"
)


def name_for(title: str) -> str:
    """A topic's name from its title.

    >>> name_for("Where do I park, à la carte?")
    'where_do_i_park_a_la_carte'
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_")
    return name if name[:1].isalpha() else f"topic_{name}"[:40].rstrip("_")


def make(workspace: Workspace, id: str, draft: Draft, author: Author) -> Change:
    """Blocking. Raises `Invalid`, `Conflict`."""
    if not draft.title or not draft.answer or not draft.added:
        raise Invalid("the form", None, "a topic needs a title, an answer and sentences as patients ask")
    head = workspace.head()
    files = workspace.files(head)
    edits = T.new_topic(files, id, draft.title, draft.answer, draft.sources, draft.next, draft.added)
    return workspace.save(edits, author, draft.message or f"New topic: {draft.title}", head)


@signed_in("editor")
async def page(request: Request) -> Response:
    await audit(request, "new_topic_viewed")
    group = request.query_params.get("group", "faq")
    group = group if group in GROUPS else "faq"
    answer = HONEST if group == "not_covered" else ""
    return await _page(request, Draft("", "", answer, (), ("talk_to_person",)), group)


@signed_in("editor")
async def change(request: Request) -> Response:
    """`do` is save, check, or start (another page of the desk leads here with sentences in `add`)."""
    form = await request.form()
    draft, group = topic_form.sent(form), text_of(form, "group")
    group = group if group in GROUPS else "faq"
    wrong = ""
    if form.get("do") == "save":
        id = f"{group}/{name_for(draft.title)}"
        try:
            made = await work(request, make, id, draft, author(request))
            await audit(request, "topic_made", detail=f"topic:{id},change:{made.id[:12]}")
            return RedirectResponse(f"/desk/topics/{dotted(id)}?done=saved", 303)
        except (Invalid, Conflict) as error:
            await audit(request, "not_saved", detail="new_topic")
            wrong = f"Not saved: {error}"
    else:
        await audit(request, "new_topic_checked")
    return await _page(request, draft, group, 422 if wrong else 200, wrong, checked=form.get("do") == "check")


async def _page(
    request: Request, draft: Draft, group: str, status: int = 200, wrong: str = "", checked: bool = False
) -> Response:
    def read(workspace: Workspace):
        files = workspace.files()
        return T.topics_of(files), sections(files), content_of(files)

    everything, parts, content = await work(request, read)
    titles = {topic.id: topic.title for topic in everything}
    owners = {T.same_words(sentence): topic for topic in everything for sentence in topic.examples}
    taken = [(one, owners[T.same_words(one)]) for one in draft.added if T.same_words(one) in owners]
    found = topic_form.problems(f"{group}/x", draft, content)
    new = Topic(f"{group}/{name_for(draft.title)}", draft.title, "", None, "", None, (), (), ())
    return await show(
        request, "new_topic.html", status,
        draft=draft, group=group, groups=GROUPS, wrong=wrong, sections=parts, lines=content.lines, few=FEW, taken=taken,
        complaints=found if checked or wrong or draft.title else [],
        preview=topic_form.shown(draft, new, titles, content), titles=titles,
        offered=topic_form.offered(everything),
    )  # fmt: skip


ROUTES = [
    Route("/desk/new-topic", page, methods=["GET"]),
    Route("/desk/new-topic", change, methods=["POST"]),
]
