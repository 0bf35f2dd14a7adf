"""Conversations at the desk: read in plain words, made, changed and removed by a form, merged or asked."""

import html
import re

from patchline.workspace import stories as S
from tests.unit.desk.conftest import SQLITE

pytestmark = SQLITE
LIST, NEW = "/desk/conversations", "/desk/conversations/new"


def page_of(workspace, name):
    return f"{LIST}/{next(story.key for story in S.stories(workspace.files()) if story.name == name)}"


def form(browser, path):
    """The fields of a conversation's form as a browser would send them back."""
    page = browser.get(path).text
    fields = {name: html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1]) for name in ("csrf", "base")}
    fields["name"] = html.unescape(re.search(r'id="name" name="name" value="([^"]*)"', page)[1])
    for name, options in re.findall(r'name="(turn:\d)">(.*?)</select>', page, re.DOTALL):
        fields[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "")
    return fields


def send(browser, path, fields, do="save", **changes):
    return browser.post(path, data={**fields, "do": do, **changes})


def turns(workspace, name):
    return next((story.turns for story in S.stories(workspace.files()) if story.name == name), None)


def test_conversations_read_as_two_people_talking(eddy):
    page = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", eddy.get(LIST).text)))
    assert "a first visit Patient “hi” Patchline Hello! I can answer questions about the epidural blood patch." in page
    assert "the clinic line is (202) 555-0142." in page


def test_a_conversation_is_made_changed_and_removed_each_as_one_change(eddy, workspace, deeds):
    made = send(eddy, NEW, form(eddy, NEW), name="Time, then home", **{"turn:1": "faq/duration", "turn:3": "thanks"})
    assert made.headers["location"].startswith(f"{LIST}?done=saved#c")
    assert turns(workspace, "Time, then home") == ("faq/duration", "thanks")
    assert workspace.history()[0].title == "New conversation: Time, then home"
    path = page_of(workspace, "Time, then home")
    fields = form(eddy, path)
    assert (fields["turn:1"], fields["turn:2"], fields["turn:3"]) == ("faq/duration", "thanks", "")
    assert send(eddy, path, fields, name="Time", **{"turn:2": "faq/ride_home"}).status_code == 303
    assert turns(workspace, "Time") == ("faq/duration", "faq/ride_home")
    path = page_of(workspace, "Time")
    assert send(eddy, path, form(eddy, path), "remove").headers["location"].startswith(f"{LIST}?done=removed")
    assert turns(workspace, "Time") is None
    assert workspace.history()[0].title == "Conversation removed: Time"
    assert [action for _, action, _, _ in deeds() if action.startswith("conversation_")][-1] == "conversation_removed"
    assert "Time" not in str(deeds())


def test_what_would_not_hold_is_refused_and_stays_in_the_form(eddy, workspace):
    head, fields = workspace.head(), form(eddy, NEW)
    for changes, says in (
        ({"name": ""}, "has a name"),
        ({"name": "Privacy", "turn:1": "greet"}, "already"),
        ({"name": "n"}, "1 to 6 turns"),
        ({"name": "n", "turn:1": "red_flag/crisis"}, "no topic that always has the same answer"),
        ({"name": "<b>n</b>", "turn:1": "request_appointment", "turn:2": "affirm"}, "has an answer of its own"),
    ):
        page = send(eddy, NEW, fields, **changes)
        assert page.status_code == 422
        assert says in page.text
        assert f'value="{html.escape(changes["name"])}"' in page.text
    assert workspace.head() == head


def test_two_who_change_one_conversation_are_asked_and_two_who_add_one_are_not(eddy, cleo, workspace):
    path = page_of(workspace, "privacy")
    his, hers = form(eddy, path), form(cleo, path)
    assert send(cleo, path, hers, **{"turn:3": "thanks"}).status_code == 303
    page = send(eddy, path, his, **{"turn:2": "help"})
    assert page.status_code == 422
    assert "Which one is right?" in page.text
    assert "“thx”" in page.text
    assert send(eddy, path, form_again(his, page), **{"turn:2": "help"}).status_code == 303
    assert turns(workspace, "privacy") == ("bot_challenge", "help", "goodbye")
    his, hers = form(eddy, NEW), form(cleo, NEW)
    assert send(cleo, NEW, hers, name="hers", **{"turn:1": "greet"}).status_code == 303
    assert send(eddy, NEW, his, name="his", **{"turn:1": "thanks"}).status_code == 303
    assert (turns(workspace, "hers"), turns(workspace, "his")) == (("greet",), ("thanks",))


def form_again(fields, page):
    """The same fields, on top of what the page says somebody else has saved."""
    return {**fields, "base": re.search(r'name="base" value="(\w+)"', page.text)[1]}


def test_one_that_somebody_removed_meanwhile_can_be_saved_as_a_new_one(eddy, cleo, workspace):
    path = page_of(workspace, "privacy")
    his = form(eddy, path)
    assert send(cleo, path, form(cleo, path), "remove").status_code == 303
    page = send(eddy, path, his, **{"turn:2": "help"})
    assert page.status_code == 422
    assert "removed or renamed it" in page.text
    assert f'action="{NEW}"' in page.text
    assert send(eddy, NEW, form_again(his, page)).status_code == 303
    assert turns(workspace, "privacy") == ("bot_challenge", "delete_my_data", "goodbye")


def test_an_engineers_conversation_is_shown_and_not_changed(eddy, workspace):
    file = workspace.folder / S.STORIES
    file.write_text(file.read_text() + "- story: deep\n  steps:\n  - checkpoint: x\n  - intent: greet\n")
    assert "an engineer" in eddy.get(LIST).text
    path = page_of(workspace, "deep")
    page = eddy.get(path).text
    assert "<select" not in page
    head = workspace.head()
    sent = {"csrf": eddy.token(), "base": head, "name": "deep", "turn:1": "greet"}
    for do in ("save", "remove"):
        assert send(eddy, path, sent, do).status_code == 422
    assert workspace.head() == head
    assert eddy.get(f"{LIST}/0123456789ab").status_code == 404
