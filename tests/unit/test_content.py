"""The content files: read, checked, and explained when they are wrong."""

import shutil
from datetime import UTC, datetime

import pytest

from patchline import content
from tests.answers import ROOT


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(ROOT / "content", tmp_path / "content")


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_shipped_content_loads_and_its_line_is_a_demo_number():
    loaded = content.load(ROOT / "content")
    assert loaded.clinic.line.demo
    assert not loaded.clinic.phones["emergency"].demo
    assert loaded.clinic.line.display in loaded.wordings["unavailable"]


def test_an_unknown_field_is_named_with_its_file_and_line(folder):
    change(folder / "clinic.yml", "address:", "adress:")
    with pytest.raises(content.ContentError, match=r"clinic\.yml line \d+: unknown field 'adress'"):
        content.load(folder)


def test_a_duplicate_line_id_is_named(folder):
    change(folder / "document.yml", "id: description-2", "id: description-1")
    with pytest.raises(content.ContentError, match=r"document\.yml line \d+: the id 'description-1' stands twice"):
        content.load(folder)


def test_a_missing_reviewer_is_named(folder):
    change(folder / "wordings.yml", "reviewer: Patchline team (draft, to be signed by the clinic)", "reviewer:")
    with pytest.raises(content.ContentError, match="the field 'reviewer' is missing or empty"):
        content.load(folder)


def test_an_unknown_placeholder_is_named_with_those_that_exist(folder):
    change(folder / "wordings.yml", "The clinic line is {line}", "The clinic line is {phone}")
    with pytest.raises(content.ContentError, match=r"unknown placeholder \{phone\}.*\{line\}"):
        content.load(folder)


def test_a_line_goes_whose_own_placeholders_are_empty():
    loaded = content.load(ROOT / "content")
    read_back = loaded.wording("form/consent", patient_name="{line}", phone="(202) 555-0142")
    assert "Name: {line}\nPhone: (202) 555-0142\n\nMay" in read_back  # what a patient writes is no placeholder
    assert "Best time" not in read_back


def test_what_a_request_ends_with_says_when_the_clinic_opens_only_while_it_is_closed():
    loaded = content.load(ROOT / "content")
    sunday, monday = datetime(2026, 11, 22, 17, tzinfo=UTC), datetime(2026, 11, 23, 17, tzinfo=UTC)
    closed, opened = (loaded.wording("form/passed_on", now, reference="PL-7K3F9") for now in (sunday, monday))
    assert "It opens tomorrow at 8 am." in closed
    assert "opens" not in opened
    assert "PL-7K3F9" in opened


def test_broken_yaml_is_named_with_its_line(folder):
    change(folder / "clinic.yml", "name: Parkview Spine & Pain", 'name: "Parkview')
    with pytest.raises(content.ContentError, match=r"clinic\.yml line \d+: not valid YAML"):
        content.load(folder)


def test_a_number_that_cannot_be_dialled_is_refused(folder):
    change(folder / "clinic.yml", 'tel: "+12025550142"', 'tel: "+1 (202) 555"')
    with pytest.raises(content.ContentError, match="'tel' is dialled as it stands"):
        content.load(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("monday: 08:00-17:00", "monday: 8-17", "write hours as"),
        ("monday: 08:00-17:00", "monday: 17:00-08:00", "write hours as"),
        ("monday: 08:00-17:00", "monday: 08:00-25:00", "write hours as"),
        ("timezone: America/New_York", "timezone: New York", "unknown timezone"),
        ("- 2026-12-25", "- Christmas", "write a holiday as year-month-day"),
        ("on_call: true", "on_call: sometimes", "write 'true' or 'false'"),
        ("region: US", "region: USA", "unknown region; write the two letters of the country"),
    ],
)
def test_hours_that_cannot_be_read_are_named_with_their_line(folder, old, new, message):
    change(folder / "clinic.yml", old, new)
    with pytest.raises(content.ContentError, match=rf"clinic\.yml line \d+: .*{message}"):
        content.load(folder)


def test_a_missing_text_for_closed_hours_is_named(folder):
    change(folder / "wordings.yml", "- id: closed/es\n", "- id: closed/spanish\n")
    with pytest.raises(content.ContentError, match="the wording 'closed/es' is missing"):
        content.load(folder)


def test_a_clinic_without_on_call_service_points_to_the_emergency_room_when_it_is_closed(folder):
    change(folder / "clinic.yml", "on_call: true", "on_call: false")
    said = content.load(folder).wording("red_flag/clinic", datetime(2026, 11, 22, 17, tzinfo=UTC))
    assert "It opens tomorrow at 8 am. If this cannot wait, go to the emergency room or call 911." in said


def test_a_placeholder_that_only_some_wordings_have_is_refused_elsewhere(folder):
    change(folder / "wordings.yml", "I didn't see any words in that.", "{reminder}")
    with pytest.raises(content.ContentError, match=r"unknown placeholder \{reminder\}"):
        content.load(folder)


def test_a_wording_without_a_moment_is_said_as_while_the_clinic_is_open():
    loaded = content.load(ROOT / "content")
    assert loaded.wording("red_flag/clinic") == loaded.wordings["red_flag/clinic"]
    assert "closed" not in loaded.wording("red_flag/clinic")


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ({"monday": "08:00-17:00"}, "Monday, 8:00 am to 5:00 pm"),
        (
            {"monday": "08:00-12:00", "tuesday": "08:00-12:00", "thursday": "13:30-20:00"},
            "Monday to Tuesday, 8:00 am to 12:00 pm; Thursday, 1:30 pm to 8:00 pm",
        ),
    ],
)
def test_hours_are_written_as_patients_read_them(hours, words):
    assert content.hours_in_words(hours) == words


def test_the_shipped_chain_has_somebody_at_every_hour_and_no_warning_sign_waits_for_the_morning():
    chain = content.load(ROOT / "content").clinic.chain
    for now in (datetime(2026, 11, 23, 17), datetime(2026, 11, 24, 4)):
        assert chain.next_contact(now, []) is not None
        assert all(chain.rests_until(tier, now) is None for tier in ("clinic", "emergency", "crisis"))
        assert chain.next_call("crisis", now) <= chain.next_call("clinic", now)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("times: 1}", "times: 0}", "from 1 to 10"),
        ("times: 1}", "times: true}", "from 1 to 10"),
        ("name: Practice manager", "name: On-call service", "same name"),
        ("channels: [log], times: 1", "channels: log, times: 1", "write channels as names"),
        ("channels: [log], times: 1", "channels: [LOG!], times: 1", "write channels as names"),
        ("when: closed", "when: never", "'always', 'open' or 'closed'"),
        ("crisis: {open: 3, closed: 5}", "crisis: {open: 3}", "'closed' is missing"),
        ("crisis: {open: 3, closed: 5}", "crisis: {open: 0, closed: 5}", "minutes as a number"),
        ("crisis: {open: 3, closed: 5}", "crisis: {open: soon, closed: 5}", "minutes as a number"),
        ("start_over: 15", "start_over: 99999", "minutes as a number"),
        ("start_over: 15", "start_again: 15", "unknown field 'start_again'"),
    ],
)
def test_a_mistake_in_the_chain_is_named_with_its_line(folder, old, new, said):
    change(folder / "clinic.yml", old, new)
    with pytest.raises(content.ContentError, match=rf"clinic\.yml line \d+: .*{said}"):
        content.load(folder)


def test_a_chain_that_has_nobody_at_night_is_refused(folder):
    change(folder / "clinic.yml", "channels: [log], when: closed", "channels: [log], when: open")
    change(folder / "clinic.yml", "channels: [log], times: 1", "channels: [log], when: open, times: 1")
    with pytest.raises(content.ContentError, match="nobody is called while the clinic is closed"):
        content.load(folder)


def test_a_clinic_that_has_not_written_down_whom_to_tell_has_the_log(folder):
    path = folder / "clinic.yml"
    path.write_text(path.read_text().partition("escalation:")[0])
    assert content.load(folder).clinic.chain.next_contact(datetime(2026, 11, 24, 4), []).channels == ("log",)
