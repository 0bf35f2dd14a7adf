"""Editing at the desk: saved with a name, merged or asked, checked while it is written, signed, undone."""

import html
import json
import re
import shutil

import pytest

from patchline.workspace import Author
from patchline.workspace import follow_ups as F
from patchline.workspace import topics as T
from tests.unit.desk.conftest import SQLITE

pytestmark = SQLITE
NUMBING = "/desk/topics/faq.numbing"
RISKS = "/desk/topics/not_covered.risks"
FILE = "data/faq/numbing.yml"


def form(browser, path=NUMBING):
    """The fields of a topic's form as a browser would send them back."""
    page = browser.get(path).text
    fields = {
        name: html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1]) for name in ("base", "title", "csrf")
    }
    fields["answer"] = html.unescape(re.search(r'<textarea id="answer"[^>]*>([^<]*)', page)[1])
    for name in ("sources", "next"):
        fields[name] = re.findall(rf'name="{name}" value="([^"]*)" checked', page)
    for name, options in re.findall(r'<select id="(after:\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        fields[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "")
    return fields


def save(browser, fields, path=NUMBING, **changes):
    return browser.post(path, data={**fields, "do": "save", **changes})


def test_an_answer_is_saved_with_the_editors_name_and_a_sentence_of_what_changed(eddy, workspace, deeds):
    fields = form(eddy)
    answer = save(eddy, fields, answer="Your back is numbed. Ask {line}", add="will i feel a thing\nand after?")
    assert answer.headers["location"] == f"{NUMBING}?done=saved"
    change = workspace.history()[0]
    assert (change.author.login, change.author.name) == ("eddy", "Eddy Poe")
    assert change.title == "Numbing and pain during it: the answer changed, 2 sentences added"
    topic = T.topic(workspace, "faq/numbing")
    assert topic.answer == "Your back is numbed. Ask {line}"
    assert topic.examples[-2:] == ("will i feel a thing", "and after?")
    assert ("eddy", "topic_saved", None, f"topic:faq/numbing,change:{change.id[:12]}") in deeds()


def test_the_checks_and_the_preview_are_made_of_what_is_in_the_form_and_nothing_is_saved(eddy, workspace):
    head = workspace.head()
    page = eddy.post(NUMBING, data={**form(eddy), "do": "check", "answer": "Stop aspirin for 7 days. Call {line}"}).text
    assert "“7” does not stand in the cited lines." in page
    assert "“stop” may be read as advice" in page
    assert '<span class="dials">(202) 555-0142</span>' in page
    assert workspace.head() == head


def test_two_editors_of_one_answer_are_asked_and_none_loses_a_word(eddy, cleo, workspace):
    his, hers = form(eddy), form(cleo)
    save(cleo, hers, answer="Cleo wrote this.", title="Numbing")
    page = save(eddy, his, answer="Eddy wrote that.", message="why not")
    assert page.status_code == 422
    assert "The answer, as Cleo Orr saved it" in page.text
    assert "Cleo wrote this." in page.text
    assert "Eddy wrote that.</textarea>" in page.text
    assert 'name="title" value="Numbing"' in page.text  # what only she changed is hers
    assert T.topic(workspace, "faq/numbing").answer == "Cleo wrote this."
    again = {**his, "base": re.search(r'name="base" value="(\w+)"', page.text)[1], "title": "Numbing"}
    assert save(eddy, again, answer="Eddy wrote that.").status_code == 303
    topic = T.topic(workspace, "faq/numbing")
    assert (topic.answer, topic.title) == ("Eddy wrote that.", "Numbing")
    assert any("Cleo wrote this." in str(workspace.files(change.id)) for change in workspace.history())


def test_what_a_short_question_means_is_saved_with_the_answer(eddy, workspace):
    fields = form(eddy)
    assert fields["after:ask_more"] == "faq/procedure_steps"
    changed = {"after:ask_why": "faq/how_it_works", "after:ask_more": "", "answer": "Your back is numbed. {line}"}
    assert save(eddy, fields, **changed).status_code == 303
    found = {one.question: one.topic for one in F.follow_ups(workspace.files(), "faq/numbing")}
    assert found == {"ask_how_long": "faq/duration", "ask_why": "faq/how_it_works"}
    change = workspace.history()[0]
    assert change.title == "Numbing and pain during it: the answer changed, 2 short questions answered otherwise"
    assert set(change.paths) == {FILE, F.RULES}
    assert form(eddy)["after:ask_why"] == "faq/how_it_works"
    assert "Nothing special: What do you want to know the time for?" in eddy.get(NUMBING).text
    assert save(eddy, form(eddy)).headers["location"] == f"{NUMBING}?done=unchanged"


def test_a_short_question_that_there_is_not_is_refused(eddy, workspace):
    head = workspace.head()
    for field, value in (("after:greet", "faq/relief"), ("after:ask_why", "faq/nowhere")):
        page = save(eddy, form(eddy), **{field: value})
        assert page.status_code == 422
        assert "Not saved:" in page.text
    assert workspace.head() == head


def test_two_editors_of_one_short_question_are_asked_and_of_two_are_not(eddy, cleo, workspace):
    his, hers = form(eddy), form(cleo)
    assert save(cleo, hers, **{"after:ask_why": "faq/how_it_works"}).status_code == 303
    page = save(eddy, his, **{"after:ask_why": "faq/relief"})
    assert page.status_code == 422
    assert "The answer to “why?” after it, as Cleo Orr saved it" in page.text
    assert 'value="faq/relief" selected' in page.text
    elsewhere = form(eddy, "/desk/topics/faq.clothing")
    assert save(cleo, form(cleo), **{"after:ask_why": "faq/activity"}).status_code == 303
    answer = save(eddy, elsewhere, "/desk/topics/faq.clothing", **{"after:ask_why": "faq/relief"})
    assert answer.status_code == 303  # both rules came at the same place of the file
    found = [F.follow_ups(workspace.files(), topic) for topic in ("faq/numbing", "faq/clothing")]
    assert [{one.question: one.topic for one in one}["ask_why"] for one in found] == ["faq/activity", "faq/relief"]


def test_a_warnings_meaning_is_not_in_the_form(eddy):
    page = eddy.get("/desk/topics/red_flag.emergency").text
    assert "after:ask" not in page


def test_the_preview_is_a_message_as_the_gateway_sends_it(eddy):
    sent = {**form(eddy, RISKS), "do": "check", "answer": "Ask us. {line}", "next": ["faq/relief"]}
    page = eddy.post(RISKS, data=sent).text
    said = json.loads(html.unescape(re.search(r'<data value="([^"]*)"', page)[1]))
    message = said["message"]
    assert (message["text"], message["topic"]) == ("Ask us. (202) 555-0142", "not_covered/risks")
    assert message["links"] == [{"title": "Call (202) 555-0142 (clinic line)", "href": "tel:+12025550142"}]
    assert [button["choice"] for button in message["buttons"]] == ["press_question", "faq/relief"]
    assert all(set(source) == {"id", "section", "quote"} for source in message["sources"])
    assert said["asked"]


def test_the_previews_frame_is_for_the_desks_own_pages_and_reaches_no_server(eddy, nina):
    headers = eddy.get("/desk/preview").headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert (policy["frame-ancestors"], policy["connect-src"], policy["form-action"]) == ("'self'", "'none'", "'none'")
    assert nina.get("/desk/preview").status_code == 403
    assert "frame-ancestors 'none'" in eddy.get("/desk/topics").headers["content-security-policy"]


def test_two_who_add_sentences_are_not_asked(eddy, cleo, workspace):
    his, hers = form(eddy), form(cleo)
    assert save(cleo, hers, add="one of cleo").status_code == 303
    assert save(eddy, his, add="one of eddy", remove=["is it gonna hurt"]).status_code == 303
    assert T.topic(workspace, "faq/numbing").examples[-2:] == ("one of cleo", "one of eddy")


def test_an_answer_that_cites_nothing_or_holds_an_unknown_mark_is_refused_and_stays_in_the_form(eddy, workspace):
    head = workspace.head()
    page = save(eddy, form(eddy), answer="Call {lime} today, please.")
    assert page.status_code == 422
    assert "unknown placeholder {lime}" in page.text
    assert "Call {lime} today, please.</textarea>" in page.text
    assert workspace.head() == head


def test_a_new_topic_is_made_by_its_form(eddy, workspace):
    fields = {"csrf": eddy.token(), "group": "faq", "title": "Parking à la carte", "answer": "Ask at the desk. {line}"}
    fields |= {"sources": ["steps-2"], "next": ["faq/relief"], "add": "where do i park\nis there a car park"}
    page = eddy.post("/desk/new-topic", data={**fields, "do": "check"}).text
    assert "in order" in page
    made = eddy.post("/desk/new-topic", data={**fields, "do": "save"})
    assert made.headers["location"] == "/desk/topics/faq.parking_a_la_carte?done=saved"
    topic = T.topic(workspace, "faq/parking_a_la_carte")
    assert topic.examples == ("where do i park", "is there a car park")
    again = eddy.post("/desk/new-topic", data={**fields, "do": "save"})
    assert again.status_code == 422
    assert "already" in again.text


def test_a_clinician_signs_what_an_editor_wrote_and_the_page_says_who(eddy, cleo, workspace, deeds):
    save(eddy, form(eddy), answer="Your back is numbed. Ask {line}")
    assert "Not signed" in eddy.get(NUMBING).text
    page = cleo.get("/desk/signing").text
    assert "The answer “Numbing and pain during it”" in page
    value = html.unescape(re.search(r'name="sign" value="([^"]+)"', page)[1])
    assert 'name="sign"' not in eddy.get("/desk/signing").text
    assert eddy.submit("/desk/signing", sign=value).status_code == 403
    assert cleo.submit("/desk/signing", sign=value).headers["location"] == "/desk/signing?done=signed"
    assert "Nothing waits for a signature" in cleo.get("/desk/signing").text
    assert "Signed by Cleo Orr" in eddy.get(NUMBING).text
    assert workspace.history()[0].title == "Signed: The answer “Numbing and pain during it”"
    assert any(action == "signed" for _, action, _, _ in deeds())


def test_a_text_that_was_changed_while_it_was_read_is_not_signed(eddy, cleo):
    save(eddy, form(eddy), answer="Your back is numbed. Ask {line}")
    value = html.unescape(re.search(r'name="sign" value="([^"]+)"', cleo.get("/desk/signing").text)[1])
    save(eddy, form(eddy), answer="Another text. Ask {line}")
    page = cleo.submit("/desk/signing", sign=value)
    assert page.status_code == 422
    assert "look at it once more" in html.unescape(page.text)
    assert "Another text." in page.text


def test_a_change_is_shown_and_undone(eddy, workspace):
    save(eddy, form(eddy), answer="Your back is numbed. Ask {line}")
    id = workspace.head()[:12]
    assert f"/desk/history/{id}" in eddy.get("/desk/history").text
    page = eddy.get(f"/desk/history/{id}").text
    assert 'class="new"' in page
    assert "Your back is numbed" in html.unescape(re.sub("<[^>]+>", "", page))
    assert eddy.submit(f"/desk/history/{id}").status_code == 303
    assert "local anesthetic" in T.topic(workspace, "faq/numbing").answer


def test_undoing_what_was_changed_since_asks_and_the_answer_is_saved(eddy, workspace):
    save(eddy, form(eddy), answer="First. {line}")
    id = workspace.head()[:12]
    save(eddy, form(eddy), answer="Second. {line}")
    page = eddy.submit(f"/desk/history/{id}")
    assert page.status_code == 422
    assert "It cannot be undone by itself" in page.text
    text = html.unescape(re.search(r'<textarea id="text"[^>]*>([^<]*)', page.text)[1])
    fields = {"csrf": eddy.token(), "base": workspace.head(), "path": FILE}
    unfinished = eddy.post(f"/desk/history/{id}", data={**fields, "text": text})
    assert "marks of an unfinished merge" in unfinished.text
    clean = workspace.read(FILE).replace("Second.", "Third.")
    assert eddy.post(f"/desk/history/{id}", data={**fields, "text": clean}).status_code == 303
    assert T.topic(workspace, "faq/numbing").answer == "Third. {line}"


@pytest.mark.parametrize("path", ["content/signatures.yml", "content/clinic.yml", "config.yml", "data/faq/relief.yml"])
def test_undo_writes_no_file_but_those_of_its_change(eddy, workspace, path):
    save(eddy, form(eddy), answer="First. {line}")
    head = workspace.head()
    fields = {"csrf": eddy.token(), "base": head, "path": path, "text": "signatures: []"}
    answer = eddy.post(f"/desk/history/{head[:12]}", data=fields)
    assert answer.status_code == 422
    assert "is no file of this change" in html.unescape(answer.text)
    assert workspace.head() == head


def test_an_editor_does_not_undo_what_an_admin_changed(eddy, workspace):
    text = workspace.read("content/clinic.yml")
    admin = Author("ada", "Ada Lin", "admin")
    head = workspace.save({"content/clinic.yml": f"{text}# moved\n"}, admin, "The clinic's facts", workspace.head()).id
    for more in ({}, {"path": "content/clinic.yml", "text": text, "base": head}):
        answer = eddy.post(f"/desk/history/{head[:12]}", data={"csrf": eddy.token(), **more})
        assert answer.status_code == 422
        assert "can be changed by the role admin only" in html.unescape(answer.text)
    assert workspace.head() == head


def test_the_document_shows_what_would_change_and_which_answers_no_longer_match(eddy, workspace):
    base = workspace.head()
    fields = {"csrf": eddy.token(), "base": base, "line:steps-6": "You will lie flat for 5 minutes."}
    page = eddy.post("/desk/document", data={**fields, "do": "check"}).text
    assert "What would change" in page
    assert "Lying flat after it" in page
    assert workspace.head() == base
    assert eddy.post("/desk/document", data={**fields, "do": "save"}).status_code == 303
    assert "lie flat for 5 minutes" in workspace.read("content/document.yml")
    gone = eddy.post(
        "/desk/document", data={"csrf": fields["csrf"], "base": workspace.head(), "gone": "steps-2", "do": "save"}
    )
    assert gone.status_code == 422
    assert "no line of the document" in html.unescape(gone.text)


def test_two_editors_of_one_line_of_the_document_are_asked_and_none_loses_a_word(eddy, cleo, workspace):
    page, base = eddy.get("/desk/document").text, workspace.head()
    old = html.unescape(re.search(r'<textarea id="line:steps-2"[^>]*>([^<]*)', page)[1])
    hers = {"line:steps-6": "Cleo wrote this line.", "line:steps-2": "Cleo alone wrote this one."}
    saved = cleo.post("/desk/document", data={"csrf": cleo.token(), "base": base, "do": "save", **hers})
    assert saved.status_code == 303
    his = {"line:steps-6": "Eddy wrote that line.", "line:steps-2": old}
    fields = {"csrf": eddy.token(), "do": "save", **his}
    page = eddy.post("/desk/document", data={**fields, "base": base})
    assert page.status_code == 422
    assert "Theirs: Cleo wrote this line." in page.text
    assert "Eddy wrote that line.</textarea>" in page.text
    assert "Cleo alone wrote this one.</textarea>" in page.text  # what only she changed is hers
    assert "Cleo wrote this line." in workspace.read("content/document.yml")
    base = re.search(r'name="base" value="(\w+)"', page.text)[1]
    again = {**fields, "base": base, "line:steps-2": "Cleo alone wrote this one."}
    assert eddy.post("/desk/document", data=again).status_code == 303
    assert "Eddy wrote that line." in workspace.read("content/document.yml")


def test_the_clinics_facts_are_an_admins_and_a_mistake_names_its_line(eddy, ada, workspace):
    assert eddy.get("/desk/clinic").status_code == 403
    text = workspace.read("content/clinic.yml")
    fields = {"csrf": ada.token(), "base": workspace.head()}
    page = ada.post(
        "/desk/clinic", data={**fields, "do": "save", "text": text.replace("monday: 08:00-17:00", "monday: 8")}
    )
    assert page.status_code == 422
    assert re.search(r"content/clinic.yml line \d+: write hours as", html.unescape(page.text))
    right = text.replace("monday: 08:00-17:00", "monday: 09:00-17:00").replace("\n", "\r\n")
    assert "09:00" in ada.post("/desk/clinic", data={**fields, "do": "check", "text": right}).text
    assert ada.post("/desk/clinic", data={**fields, "do": "save", "text": right}).status_code == 303
    assert workspace.read("content/clinic.yml") == text.replace("monday: 08:00-17:00", "monday: 09:00-17:00")


def test_a_wording_of_a_warning_sign_that_does_not_begin_with_the_number_is_complained_of(eddy, workspace):
    path = "/desk/wordings/red_flag.emergency"
    page = eddy.submit(path, do="check", answer="Do not worry.", base=workspace.head()).text
    assert "A warning begins with “Call …”" in page
    text = "Call {emergency} now.\n\nThen tell the clinic:\n{line}"
    assert eddy.submit(path, do="save", answer=text, base=workspace.head()).status_code == 303
    assert text in workspace.read("content/wordings.yml").replace("\n    ", "\n")


def test_a_file_that_is_broken_by_hand_is_named_on_every_page_and_editing_goes_on(eddy, workspace):
    file = workspace.folder / FILE
    file.write_text(file.read_text().replace("    - is it gonna hurt\n", "    is it gonna hurt\n"))
    page = html.unescape(eddy.get("/desk/topics").text)
    assert "data/faq/numbing.yml line 19: each example stands on a line of its own" in page
    assert save(eddy, form(eddy), answer="Saved all the same. {line}").status_code == 303
    assert T.topic(workspace, "faq/numbing").answer == "Saved all the same. {line}"


def test_what_is_not_there_is_a_page_that_says_so(eddy):
    for path in (
        "/desk/topics/faq.nothing",
        "/desk/wordings/nothing",
        "/desk/history/0123456789ab",
        "/desk/history/-x",
    ):
        assert eddy.get(path).status_code == 404, path


def test_without_git_every_room_says_so_in_plain_words_and_that_patients_are_answered(eddy, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for path in ("/desk/topics", NUMBING, "/desk/review", "/desk/signing", "/desk/history"):
        page = eddy.get(path)
        assert page.status_code == 503, path
        assert "The answers cannot be opened now" in page.text
        assert "Git is not installed on the server" in page.text
        assert "Patients are answered as before" in page.text
        assert "The database does not answer" not in page.text
    assert eddy.get("/desk").status_code == eddy.get("/desk/insights").status_code == 200


def test_a_folder_that_cannot_be_used_is_named_and_what_was_written_is_shown_to_copy(eddy, settings):
    fields = form(eddy)
    shutil.rmtree(settings.workspace)
    settings.workspace.write_text("a file where the folder was")
    page = save(eddy, fields, answer="This took me an hour to write. {line}")
    assert page.status_code == 503
    assert f"The folder {settings.workspace} cannot be used" in page.text
    assert "This took me an hour to write." in page.text


def test_markup_in_a_text_is_shown_and_never_run(eddy):
    save(eddy, form(eddy), answer="<script>alert(1)</script> {line}", add="<b>bold</b>")
    for path in (NUMBING, "/desk/history", "/desk/signing"):
        page = eddy.get(path).text
        assert "<script>alert" not in page
        assert "<b>bold" not in page


def test_a_nurse_does_not_see_the_room(nina):
    assert "/desk/topics" not in nina.get("/desk").text
    assert nina.get("/desk/topics").status_code == 403
