"""What a clinician has to sign, and what a signature is good for."""

from datetime import datetime

import pytest

from patchline.settings import ROOT, Settings
from patchline.workspace import SIGNATURES, Author, signatures
from patchline.workspace import topics as T
from patchline.workspace.files import installed
from patchline.workspace.signatures import unsigned

FILES = installed(Settings())
CLEO, AT = Author("cleo", "Cleo Orr"), datetime(2026, 11, 23, 9, 30)
NUMBING = "data/faq/numbing.yml"


def changed(path, before, after):
    assert before in FILES[path].decode()
    return {**FILES, path: FILES[path].decode().replace(before, after, 1).encode()}


def sign(files, *ids):
    items = signatures.items(files)
    text = signatures.with_signatures(None, [items[id] for id in ids], CLEO, AT)
    return {**files, SIGNATURES: text.encode()}


def test_what_serves_already_needs_no_signature():
    assert unsigned(FILES, FILES) == []
    assert unsigned(ROOT, ROOT) == []


@pytest.mark.parametrize(
    ("path", "before", "after", "sentence"),
    [
        (NUMBING, "just that spot", "all", "The answer “Numbing and pain during it” was changed"),
        (
            "content/wordings.yml",
            "Call {emergency} now.",
            "Call soon.",
            "The wording “Warning sign: emergency” was changed",
        ),
        (
            "content/wordings.yml",
            "I didn't see",
            "I did not see",
            "The wording “A message with nothing in it” was changed",
        ),
        ("content/red_flags.yml", "  - dropped back\n", "", "The warning sign “headache-returned” was changed"),
        ("content/red_flags.yml", "  tier: clinic", "  tier: emergency", "The warning sign"),
        ("content/red_flags.yml", "  them: em, dem\n", "", "The list “same” of red_flags.yml was changed"),
        ("content/document.yml", "30–60 minutes", "10 minutes", "The document's line “steps-6” was changed"),
    ],
)
def test_a_change_of_what_patients_read_or_of_a_warning_sign_waits_for_a_clinician(path, before, after, sentence):
    found = unsigned(changed(path, before, after), FILES)
    assert len(found) == 1
    assert found[0].startswith(sentence)
    assert found[0].endswith("is not signed by a clinician.")


def test_sentences_that_are_taught_need_no_signature():
    text = T.with_examples(FILES[NUMBING].decode(), "faq/numbing", ["will i feel a thing"])
    assert unsigned({**FILES, NUMBING: text.encode()}, FILES) == []


def test_a_signature_is_for_one_text_and_says_who_and_when():
    files = sign(changed(NUMBING, "just that spot", "it"), "answer:faq/numbing")
    assert unsigned(files, FILES) == []
    signed = signatures.signatures(files)["answer:faq/numbing"]
    assert (signed.name, signed.at) == ("Cleo Orr", AT)
    other = {**files, NUMBING: files[NUMBING].replace(b"numbs it", b"numbs all")}
    assert unsigned(other, FILES) == [
        "The answer “Numbing and pain during it” was changed and is not signed by a clinician."
    ]


def test_a_signature_that_is_given_after_the_training_counts():
    files = changed(NUMBING, "just that spot", "it")
    assert unsigned(files, FILES, later=FILES) != []
    assert unsigned(files, FILES, later=sign(files, "answer:faq/numbing")) == []


def test_a_removed_warning_sign_has_to_be_signed_too():
    text = FILES["content/red_flags.yml"].decode()
    start = text.index("- id: headache-returned-maybe")
    files = {**FILES, "content/red_flags.yml": (text[:start] + text[text.index("- id: ", start + 5) :]).encode()}
    assert unsigned(files, FILES) == [
        "The warning sign “headache-returned-maybe” was changed and is not signed by a clinician."
    ]


def test_a_new_signature_of_a_text_takes_the_place_of_the_old_one():
    files = changed(NUMBING, "just that spot", "it")
    item = signatures.items(files)["answer:faq/numbing"]
    text = signatures.with_signatures(None, [item], CLEO, AT)
    text = signatures.with_signatures(text, [item], Author("dan", "Dan"), AT)
    assert [one.login for one in signatures.signatures({SIGNATURES: text.encode()}).values()] == ["dan"]


def test_two_texts_of_one_name_are_both_signed():
    """A topic's id is one answer wherever it stands: nothing may hide behind it."""
    answers = [name for data in FILES.values() for name in (signatures.plain(data).get("responses") or {})]
    assert len(answers) == len(set(answers))
