"""The queue, a ticket and what is done with it, over HTTP and on a real database of each kind."""

import csv
import html
import io
import re

import pytest

from patchline.desk import audit
from patchline.escalation import desk_api
from patchline.gateway.records import Records

NUMB = "this morning my legs went numb and I can't pee"
SCRIPT = '<script>alert("x")</script> my legs went numb'


def text_of(page):
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"(?s)<(script|style).*?</\1>", "", page))).split())


def actions(clinic, reference):
    return [(one.actor, one.action, one.note) for one in desk_api.events_of(clinic.engine, reference)]


def deeds(clinic, reference=None):
    return [(one.name, one.action, one.detail) for one in reversed(audit.read(clinic.engine, reference=reference))]


@pytest.fixture
def numb(clinic):
    return clinic.warning(NUMB, ("legs went numb", "I can't pee"))


def do(nurse, reference, name, status=200, **fields):
    page = nurse.open(f"/desk/tickets/{reference}")
    return nurse.press(page, f"/desk/tickets/{reference}/{name}", status, **fields)


def test_the_queue_shows_the_most_urgent_first_with_the_words_that_triggered_marked(clinic, nurse, numb):
    wish = clinic.wish()
    crisis = clinic.warning("i want to end it", ("want to end it",), tier="crisis")
    page = nurse.open("/desk")
    assert re.findall(r'id="row-(PL-\w+)"', page) == [crisis, numb, wish]
    assert "this morning my <mark>legs went numb</mark> and <mark>I can&#39;t pee</mark>" in page
    assert 'href="tel:+12025550142">Call (202) 555-0142</a>' in page
    assert "Ana López · best time: after 3" in text_of(page)


def test_an_empty_queue_says_what_its_quiet_rests_on(nurse):
    said = text_of(nurse.open("/desk"))
    assert "No ticket waits for anybody." in said
    assert "No delivery worker is running." in said
    assert "No message has gone out to staff yet." in said
    assert "Nobody's telephone rings" in said  # the contacts that we ship have the log channel alone


def test_a_warning_sign_shows_the_number_that_the_patient_gave_in_another_ticket_of_the_chat(clinic, nurse):
    wish = clinic.wish(conversation="chat-1")
    reference = clinic.warning(NUMB, ("legs went numb",), conversation="chat-1")
    page = nurse.open(f"/desk/tickets/{reference}")
    assert 'href="tel:+12025550142"' in page
    assert "The number comes from another ticket of the same chat." in text_of(page)
    assert f"Other tickets of this chat: {wish} (Call-back wish, open)." in text_of(page)


def test_filters_show_open_acknowledged_and_resolved_tickets(clinic, nurse, numb):
    taken, done = clinic.wish(), clinic.wish("question", details="May I swim?")
    desk_api.acknowledge(clinic.engine, taken, "Tom", desk_api.ticket(clinic.engine, taken).opened_at)
    do(nurse, done, "resolve", ending="Question answered")
    shown = {
        state: re.findall(r'id="row-(PL-\w+)"', nurse.open(f"/desk?state={state}")) for state in desk_api.states.STATES
    }
    assert shown == {"open": [numb], "acknowledged": [taken], "resolved": [done]}
    nurse.open("/desk?state=nonsense", status=404)


def test_a_ticket_shows_the_chat_with_what_triggered_and_its_history_in_plain_words(clinic, nurse, numb):
    said = text_of(nurse.open(f"/desk/tickets/{numb}"))
    for words in ("Cannot stand or move the legs", "opened this ticket", "Call 911 now.", "Dana Reyes", "Looked at it"):
        assert words in said
    assert actions(clinic, numb)[-1] == ("Dana Reyes", "viewed", None)
    assert ("Dana Reyes", "ticket_viewed", None) in deeds(clinic, numb)


def test_patients_words_are_never_markup(clinic, nurse):
    reference = clinic.warning(SCRIPT, ("my legs went numb",))
    clinic.wish("question", details="<img src=x onerror=alert(1)>", name="<b>Ana</b>")
    for page in (nurse.open("/desk"), nurse.open(f"/desk/tickets/{reference}")):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
        assert "<img" not in page
        assert "<b>Ana" not in page


def test_a_chat_that_the_patient_deleted_is_said_to_be_deleted_and_the_ticket_stays(clinic, nurse, numb):
    Records(clinic.engine).forget(desk_api.ticket(clinic.engine, numb).conversation_id)
    page = nurse.open(f"/desk/tickets/{numb}")
    assert "The chat is not kept any more: it was deleted at" in text_of(page)
    assert "<mark>legs went numb</mark>" in page
    assert f"/desk/tickets/{numb}/message" not in page  # nobody would read it


def test_who_acknowledges_has_the_ticket_and_a_second_press_changes_nothing(clinic, nurse, numb):
    page = nurse.open(f"/desk/tickets/{numb}")
    for _ in range(2):
        said = text_of(nurse.press(page, f"/desk/tickets/{numb}/acknowledge"))
        assert "You have this ticket now." in said
        assert "Somebody has it: Dana Reyes" in said
    assert [action for _, action, _ in actions(clinic, numb)].count("acknowledged") == 1


def test_of_two_nurses_at_once_the_second_reads_who_was_first_and_sees_the_ticket_as_it_is(clinic, nurse, admin, numb):
    page = admin.open(f"/desk/tickets/{numb}")
    do(nurse, numb, "acknowledge")
    said = text_of(admin.press(page, f"/desk/tickets/{numb}/acknowledge", status=409))
    assert "Dana Reyes was first and has had this ticket since" in said
    assert "Somebody has it: Dana Reyes" in said
    assert ("Avi Stern", "ticket_not_allowed", "act:acknowledge") in deeds(clinic, numb)


@pytest.mark.parametrize(
    ("name", "fields", "happened"),
    [
        ("called", {"outcome": "no_answer", "text": "rang 10 times"}, ("called", "no_answer: rang 10 times")),
        ("resolve", {"ending": "Comes to the clinic", "text": ""}, ("resolved", "Comes to the clinic")),
        ("resolve", {"ending": "other", "text": "went home"}, ("resolved", "went home")),
        ("note", {"text": "husband drives"}, ("noted", "husband drives")),
        ("reassign", {"to": "Avi Stern"}, ("reassigned", "Avi Stern")),
        ("message", {"text": "I call you now."}, ("message", "I call you now.")),
    ],
)
def test_what_a_nurse_does_is_in_the_history_once_even_when_pressed_twice(clinic, nurse, numb, name, fields, happened):
    page = nurse.open(f"/desk/tickets/{numb}")
    for _ in range(2):
        nurse.press(page, f"/desk/tickets/{numb}/{name}", **fields)
    assert [(action, note) for _, action, note in actions(clinic, numb)].count(happened) == 1
    assert any(action == f"ticket_{happened[0]}" for _, action, _ in deeds(clinic, numb))


def test_the_same_note_from_a_page_loaded_anew_is_a_second_note(clinic, nurse, numb):
    for _ in range(2):
        do(nurse, numb, "note", text="no answer")
    assert [note for _, action, note in actions(clinic, numb) if action == "noted"] == ["no answer", "no answer"]


def test_a_resolved_ticket_can_be_reopened_with_a_reason(clinic, nurse, numb):
    do(nurse, numb, "resolve", ending="Could not be reached")
    do(nurse, numb, "reopen", text="she called back")
    case = desk_api.ticket(clinic.engine, numb)
    assert (case.state, case.acknowledged_by) == ("open", None)
    assert actions(clinic, numb)[-2][1:] == ("reopened", "she called back")


def test_who_writes_to_a_patient_has_the_ticket(clinic, nurse, numb):
    do(nurse, numb, "message", text="I am Dana, a nurse.")
    assert desk_api.ticket(clinic.engine, numb).acknowledged_by == "Dana Reyes"
    page = nurse.open(f"/desk/tickets/{numb}")
    assert "I am Dana, a nurse." in text_of(page[page.index('id="talk"') : page.index('id="story"')])


def test_a_message_that_is_too_long_is_not_sent_and_not_lost(clinic, nurse, numb):
    said = "word " * 200
    page = do(nurse, numb, "message", status=409, text=said)
    assert "The message is too long: 999 characters, and 600 fit." in text_of(page)
    assert said.strip() in page
    assert "message" not in [action for _, action, _ in actions(clinic, numb)]


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("called", {"outcome": "fine"}, "Choose how the call went."),
        ("resolve", {"ending": "other", "text": " "}, "Say in a few words how it ended."),
        ("resolve", {}, "Choose how it ended."),
        ("note", {"text": ""}, "There is nothing to write down."),
        ("reassign", {"to": "Nobody Here"}, "Choose who has it from now on."),
    ],
)
def test_a_form_that_is_not_complete_says_what_is_missing(clinic, nurse, numb, name, fields, sentence):
    assert sentence in text_of(do(nurse, numb, name, status=409, **fields))
    assert [action for _, action, _ in actions(clinic, numb)] == ["opened", "viewed"]


def test_a_page_that_renews_itself_is_no_view_and_is_on_record_once(clinic, nurse, numb):
    for _ in range(3):
        nurse.open(f"/desk/tickets/{numb}", **{"X-Patchline-Live": "1"})
    assert [action for _, action, _ in actions(clinic, numb)] == ["opened"]
    assert [action for _, action, _ in deeds(clinic, numb)] == ["ticket_viewed"]
    nurse.open(f"/desk/tickets/{numb}")
    nurse.open(f"/desk/tickets/{numb}")
    assert len(deeds(clinic, numb)) == 3


def test_an_unknown_reference_is_a_page_that_helps(nurse):
    assert "no ticket of this reference" in text_of(nurse.open("/desk/tickets/PL-ZZZZZ", status=404))


@pytest.mark.parametrize("words", ["ana lopez", "López", "5550142", "555-0142", "REFERENCE", "bare reference"])
def test_a_search_finds_by_reference_name_and_telephone_and_says_nothing_of_it_in_the_address(clinic, nurse, words):
    reference = clinic.wish()
    clinic.wish(name="Tom Becker", phone="+12025550199")
    words = {"REFERENCE": reference, "bare reference": reference[3:].lower()}.get(words, words)
    page = nurse.press(nurse.open("/desk"), "/desk/search", words=words)
    assert re.findall(r'id="row-(PL-\w+)"', page) == [reference]
    assert ("Dana Reyes", "tickets_searched", None) in deeds(clinic)


def test_a_search_without_a_find_says_what_can_be_searched_for(clinic, nurse):
    clinic.wish()
    assert "Nothing was found." in text_of(nurse.press(nurse.open("/desk/search"), "/desk/search", words="%"))


def test_the_spreadsheet_holds_the_tickets_of_the_days_and_no_formula(clinic, nurse):
    reference = clinic.wish("question", name="=HYPERLINK(A1)", details="@SUM(1)\nnext")
    clinic.warning(NUMB, ("legs went numb",), minutes_ago=5)
    page = nurse.open("/desk/export")
    first, last = (
        re.search(r'name="first" value="([^"]+)"', page)[1],
        re.search(r'name="last" value="([^"]+)"', page)[1],
    )
    answer = nurse.client.get(f"/desk/tickets.csv?first={first}&last={last}")
    assert answer.headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(table) == 2
    row = next(row for row in table if row["Reference"] == reference)
    assert (row["Name"], row["Telephone"]) == ("'=HYPERLINK(A1)", "'+12025550142")
    assert row["Details"] == "'@SUM(1)\nnext"
    assert ("Dana Reyes", "tickets_exported", f"{first}..{last}") in deeds(clinic)
    empty = nurse.client.get("/desk/tickets.csv?first=2020-01-01&last=2020-01-02").text
    assert empty.removeprefix("\ufeff").startswith("Reference,Kind,Tier")
    nurse.open("/desk/tickets.csv?first=2020-01-02&last=2020-01-01", status=422)
    nurse.open("/desk/tickets.csv?first=yesterday&last=2020-01-01", status=422)


def test_a_flood_is_said_and_one_source_is_looked_at_and_resolved_with_a_reason(clinic, nurse):
    class_ = [clinic.warning(NUMB, ("legs went numb",), network="c1a55000") for _ in range(5)]
    patient = clinic.warning(NUMB, ("legs went numb",), network="9a71e970")
    page = nurse.open("/desk")
    assert re.findall(r'id="row-(PL-\w+)"', page) == [patient, *class_]
    assert "Unusually many warning signs from 1 source" in text_of(page)
    assert "Resolve all" not in page  # not before they were looked at
    only = nurse.open("/desk?source=c1a55000")
    assert re.findall(r'id="row-(PL-\w+)"', only) == class_
    nurse.press(only, "/desk/sources/c1a55000/resolve", status=422, why=" ")
    late = clinic.warning(NUMB, ("legs went numb",), network="c1a55000")
    done = nurse.press(only, "/desk/sources/c1a55000/resolve", why="a school class, the teacher was called")
    assert "Resolved: 5 tickets of that source." in text_of(done)
    assert re.findall(r'id="row-(PL-\w+)"', done) == [patient, late]
    assert actions(clinic, class_[0])[-1] == ("Dana Reyes", "resolved", "a school class, the teacher was called")
    assert ("Dana Reyes", "source_resolved", "source:c1a55000,tickets:5") in deeds(clinic)
    nurse.open("/desk?source=nonsense")


def test_a_ticket_shows_every_message_of_the_chat_that_has_a_sign(clinic, nurse):
    first = clinic.warning(NUMB, ("legs went numb",), conversation="chat-1")
    assert clinic.warning("and now i have chest pain", ("chest pain",), conversation="chat-1") == first
    page = nurse.open(f"/desk/tickets/{first}")
    assert "<mark>chest pain</mark>" in page
    assert "another warning sign" in text_of(page)
    assert "2 messages with signs" in text_of(nurse.open("/desk"))
