"""The content files: read, checked, and explained when they are wrong."""

import shutil

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


def test_broken_yaml_is_named_with_its_line(folder):
    change(folder / "clinic.yml", "name: Parkview Spine & Pain", 'name: "Parkview')
    with pytest.raises(content.ContentError, match=r"clinic\.yml line \d+: not valid YAML"):
        content.load(folder)


def test_a_number_that_cannot_be_dialled_is_refused(folder):
    change(folder / "clinic.yml", 'tel: "+12025550142"', 'tel: "+1 (202) 555"')
    with pytest.raises(content.ContentError, match="'tel' is dialled as it stands"):
        content.load(folder)


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
