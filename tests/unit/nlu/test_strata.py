"""Messages by people who saw no training data: what is read of them, and what no search shows."""

import base64
import zlib

import pytest

from patchline.nlu import strata
from patchline.nlu.calibrating import STRATA
from patchline.nlu.strata import HEADER, NAMES, NONE, VAGUE, Line
from patchline.safety.model import TIERS
from patchline.trial.plain import plain

SAID = ["clinic\t\theadache_back present\tmy headache is back", "none\tfaq/a,faq/b|faq/c\t\tlie flat? eat?"]


def write(folder, rows, name="pairs"):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def seal(folder, rows, name="pairs"):
    (folder / "sealed").mkdir()
    packed = base64.b64encode(zlib.compress("\n".join(rows).encode()))
    (folder / "sealed" / f"{name}.txt").write_bytes(packed)


def test_a_line_is_a_message_with_its_tier_its_topics_and_what_it_belongs_to(tmp_path):
    write(tmp_path, [HEADER, *SAID])
    assert strata.read(tmp_path, "pairs") == [
        Line("pairs", "clinic", (), "headache_back present", "my headache is back"),
        Line("pairs", NONE, ("faq/a", "faq/b|faq/c"), "", "lie flat? eat?"),
    ]


def test_a_dash_is_no_topic(tmp_path):
    write(tmp_path, [HEADER, "none\t-\t\thola"])
    assert strata.read(tmp_path, "pairs")[0].topics == ()


def test_the_sealed_half_is_read_as_the_open_one(tmp_path):
    write(tmp_path, [HEADER, *SAID])
    seal(tmp_path, [HEADER, *SAID])
    assert strata.read(tmp_path, "pairs", sealed=True) == strata.read(tmp_path, "pairs")


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([""], r"line 1: the first line is 'tier"),
        (SAID, "line 1: the first line is"),
        ([HEADER, SAID[0], "none\tthanks\tmany thanks"], "line 3: 3 columns instead of 4"),
        ([HEADER, "none\t\t\ta tab\tin the text"], "line 2: 5 columns instead of 4"),
        ([HEADER, SAID[0], "", SAID[1]], "line 3: 1 columns instead of 4"),
    ],
)
@pytest.mark.parametrize(("make", "file"), [(write, r"pairs\.tsv"), (seal, r"pairs\.txt")])
def test_a_bad_file_is_an_error_that_names_file_and_line(tmp_path, make, file, rows, error):
    make(tmp_path, rows)
    with pytest.raises(ValueError, match=f"^{file} {error}"):
        strata.read(tmp_path, "pairs", sealed=make is seal)


@pytest.mark.parametrize("name", NAMES)
def test_every_open_half_is_read_and_has_messages_of_known_tiers(name):
    lines = strata.read(STRATA, name)
    assert len(lines) >= 50
    assert {line.tier for line in lines} <= {NONE, VAGUE, *TIERS}
    assert all(line.text.strip() for line in lines)


# No sealed message may come into a test's output: of a sealed half, only figures are compared.


@pytest.mark.parametrize("name", NAMES)
def test_no_search_shows_a_sealed_message(name):
    raw = (STRATA / "sealed" / f"{name}.txt").read_text(encoding="utf-8")
    shown = sum(line.text in raw for line in strata.read(STRATA, name, sealed=True) if " " in line.text)
    assert shown == 0
    assert HEADER not in raw
    assert not (STRATA / "sealed" / f"{name}.tsv").exists()


def halves(write=str):
    """Stratum -> its messages, of the open and of the sealed half."""
    return (
        {name: {write(line.text) for line in strata.read(STRATA, name, sealed=closed)} for name in NAMES}
        for closed in (False, True)
    )


def test_a_sealed_half_is_large_enough_to_be_believed():
    opened, sealed = (sum(map(len, half.values())) for half in halves())
    assert 0.8 < opened / sealed < 1.25
    assert min(len(texts) for _, half in zip(range(2), halves(), strict=True) for texts in half.values()) > 40


def test_no_message_of_a_stratum_is_in_both_of_its_halves_whatever_its_case_and_marks():
    opened, sealed = halves(lambda text: plain(text) or text)
    common = {name: len(opened[name] & sealed[name]) for name in NAMES}
    assert common == dict.fromkeys(NAMES, 0)


def test_no_message_is_sealed_in_one_stratum_and_open_in_another():
    opened, sealed = (set().union(*half.values()) for half in halves())
    common = len(opened & sealed)
    assert common == 0
