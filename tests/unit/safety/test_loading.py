"""The rules' files with one mistake each: the start stops and names the file and the line."""

import pytest

from patchline.content import ContentError
from patchline.safety import Detector, load

FLAGS = """\
reviewer: A nurse
reviewed: 2026-11-22
same:
  cant: cannot, not able to
forgive: fever
guard: never
relatives: wife
selves: i
lists:
  leg: leg, legs, lower leg
signals:
- id: fever
  patterns:
  - fever
groups:
- id: leg-numb
  tier: clinic
  category: numb_weak
  finds: my leg is numb
  leaves: my leg is not numb
  source: call-4
  reviewer: A nurse
  reviewed: 2026-11-22
  patterns:
  - <leg> ... numb
- id: has-fever
  tier: clinic
  category: fever_infection
  finds: I have a fever
  leaves: no fever
  source: call-3
  reviewer: A nurse
  reviewed: 2026-11-22
  all_of: [fever]
unclear:
- id: vague
  patterns:
  - something wrong
"""
CONTEXT = """\
reviewer: A nurse
reviewed: 2026-11-22
lists:
  past: years ago
false_friends:
- id: ff-shot
  why: the anaesthetic
  patterns:
  - numb shot
rules:
- id: "no"
  kind: negation
  why: denied
  patterns:
  - no/not
"""


@pytest.fixture
def write(tmp_path):
    def write(flags=FLAGS, context=CONTEXT):
        (tmp_path / "red_flags.yml").write_text(flags, encoding="utf-8")
        (tmp_path / "context_rules.yml").write_text(context, encoding="utf-8")
        return tmp_path

    return write


def test_a_small_correct_pair_of_files_loads_and_works(write):
    detector = Detector(load(write()))
    assert detector.detect("my lower leg is numb").tier == "clinic"
    assert detector.detect("no fever").tier is None


@pytest.mark.parametrize(
    ("right", "wrong", "place", "problem"),
    [
        ("  tier: clinic\n  category: numb", "  tier: urgent\n  category: numb", "line 17", "unknown tier 'urgent'"),
        ("category: numb_weak", "category: stroke", "line 18", "unknown category 'stroke' of clinic"),
        ("  source: call-4\n", "  source: call-4\n  color: red\n", "line 22", "unknown field 'color'"),
        ("  source: call-4\n  reviewer: A nurse\n", "  source: call-4\n", "line 16", "'reviewer' is missing or empty"),
        ("  source: call-4\n", "  source: ''\n", "line 16", "'source' is missing or empty"),
        ("  finds: my leg is numb\n", "", "line 16", "the field 'finds' is missing or empty"),
        ("  leaves: my leg is not numb\n", "  leaves:\n", "line 16", "the field 'leaves' is missing or empty"),
        ("  leaves: my leg is not numb\n", "  leaves: ' '\n", "line 20", "'leaves' must be one sentence"),
        ("  finds: I have a fever\n", "  finds: [fever]\n", "line 29", "'finds' must be one sentence"),
        ("- id: has-fever", "- id: leg-numb", "line 26", "the id 'leg-numb' stands twice"),
        ("- id: has-fever", "- id: fever", "line 26", "the id 'fever' stands twice"),
        ("  reviewed: 2026-11-22\n  patterns", "  reviewed: soon\n  patterns", "line 23", "must be a date"),
        ("<leg> ... numb", "<arm> ... numb", "line 25", "unknown list <arm>"),
        ("<leg> ... numb", "<leg> ... Numb", "line 25", "'Numb' can never match: write words in lower case"),
        ("<leg> ... numb", "<leg> ... can't", "line 25", "can never match: a word is letters and digits alone"),
        ("<leg> ... numb", "<leg> ... entumecidó", "line 25", "can never match: write it without accents"),
        ("<leg> ... numb", "<leg> ... 39", "line 25", "numbers are written <number>"),
        ("<leg> ... numb", "<leg> cannot", "line 25", "'cannot' can never match: it is always read as 'cant'"),
        ("<leg> ... numb", "not able to walk", "line 25", "'not able to' can never match: it is always read as 'cant'"),
        ("<leg> ... numb", "... numb", "line 25", "a gap '...' stands between two words"),
        ("<leg> ... numb", "<leg> ...12 numb", "line 25", "a gap is 1 to 9 words"),
        ("<leg> ... numb", "numb? leg?", "line 25", "every word of the phrase is optional"),
        ("  - <leg> ... numb", "  - 39", "line 25", "a phrase is words"),
        (
            "  patterns:\n  - <leg> ... numb\n",
            "  patterns: []\n",
            "line 24",
            "must be a list of phrases, and not empty",
        ),
        ("  leg: leg, legs, lower leg", "  leg: []", "line 10", "must be a list of words, and not empty"),
        ("  leg: leg, legs, lower leg", "  leg: leg, Legs", "line 10", "'Legs' can never match"),
        ("  leg: leg, legs, lower leg", "  leg: leg,, legs", "line 10", "an entry is empty"),
        ("  leg: leg, legs, lower leg", "  leg: leg, <leg>", "line 10", "holds 'leg' itself"),
        ("  cant: cannot", "  can not: cannot", "line 4", "'can not' must be one word"),
        ("all_of: [fever]", "all_of: [rash]", "line 34", "names 'rash', which is unknown"),
        ("all_of: [fever]", "needs: [fever]", "line 26", "either 'patterns' or 'all_of'"),
        ("  all_of: [fever]\n", "  patterns:\n  - feverish\n", "line 12", "no group names the signal 'fever'"),
        ("- id: vague\n", "- id: vague\n  tier: clinic\n", "line 37", "unknown field 'tier'"),
        (
            "  tier: clinic\n  category: numb",
            "  weak: yes please\n  tier: clinic\n  category: numb",
            "line 17",
            "'weak' is true or",
        ),
        ("guard: never\n", "guard: never\nextra: 1\n", "line 7", "unknown field 'extra'"),
        ("reviewed: 2026-11-22\nsame", "reviewed: never\nsame", "line 2", "must be a date"),
    ],
)
def test_a_mistake_in_the_red_flags_names_its_line(write, right, wrong, place, problem):
    assert FLAGS.count(right) == 1
    with pytest.raises(ContentError) as error:
        load(write(flags=FLAGS.replace(right, wrong)))
    message = str(error.value)
    assert message.startswith(f"red_flags.yml {place}:")
    assert problem in message


@pytest.mark.parametrize(
    ("right", "wrong", "place", "problem"),
    [
        ("kind: negation", "kind: denial", "line 12", "unknown kind 'denial'"),
        ("  kind: negation\n", "  kind: negation\n  direction: left\n", "line 13", "'direction' is one of"),
        ("  kind: negation\n", "  kind: negation\n  within: many\n", "line 13", "'within' is a number of words"),
        ("  kind: negation\n", "  kind: negation\n  only: [legs]\n", "line 13", "names 'legs', which is unknown"),
        ("  kind: negation\n", "  kind: negation\n  only: []\n", "line 13", "must be a list, and not empty"),
        (
            "  kind: negation\n",
            "  kind: negation\n  only: [vision]\n  never: [stroke]\n",
            "line 14",
            "'only' or 'never', not both",
        ),
        ("  kind: negation\n", "  kind: negation\n  scope: 3\n", "line 13", "unknown field 'scope'"),
        ("  - no/not", "  - no/not $", "line 15", "has no '$'"),
        ("  why: denied\n", "", "line 11", "'why' is missing or empty"),
        ('- id: "no"', "- id: ff-shot", "line 11", "the id 'ff-shot' stands twice"),
        ("  past: years ago", "  leg: shin", "line 4", "the list 'leg' is already in red_flags.yml"),
        ("  - numb shot", "  - numb <shot>", "line 9", "unknown list <shot>"),
    ],
)
def test_a_mistake_in_the_context_rules_names_its_line(write, right, wrong, place, problem):
    assert CONTEXT.count(right) == 1
    with pytest.raises(ContentError) as error:
        load(write(context=CONTEXT.replace(right, wrong)))
    message = str(error.value)
    assert message.startswith(f"context_rules.yml {place}:")
    assert problem in message


def test_a_weak_group_gives_the_tier_but_not_the_sure_tier(write):
    weak = FLAGS.replace("- id: leg-numb\n", "- id: leg-numb\n  weak: true\n")
    detector = Detector(load(write(flags=weak)))
    numb, both = detector.detect("my leg is numb"), detector.detect("my leg is numb and i have a fever")
    assert (numb.tier, numb.sure_tier, numb.flags[0].weak) == ("clinic", None, True)
    assert (both.tier, both.sure_tier) == ("clinic", "clinic")
    assert numb.to_json()["sure_tier"] is None
    assert numb.to_json()["flags"][0]["weak"] is True


def test_a_longer_weak_sign_does_not_stand_for_a_sure_one(write):
    group = FLAGS[FLAGS.index("- id: leg-numb") : FLAGS.index("- id: has-fever")]
    weak = group.replace("- id: leg-numb\n", "- id: leg-longer\n  weak: true\n").replace("<leg> ...", "my <leg> ...")
    detection = Detector(load(write(flags=FLAGS.replace(group, weak + group)))).detect("my leg is numb")
    assert [flag.id for flag in detection.flags] == ["leg-numb"]
    assert detection.sure_tier == "clinic"


def test_a_phrase_that_stands_for_too_many_patterns_is_refused(write):
    words = ", ".join(f"a{chr(97 + i)} b{chr(97 + i)} c" for i in range(26))
    flags = FLAGS.replace("lower leg", f"lower leg, {words}").replace("<leg> ... numb", "<leg> <leg> <leg> numb")
    with pytest.raises(ContentError, match=r"red_flags\.yml line 25: the phrase stands for \d+ patterns"):
        load(write(flags=flags))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ContentError, match=r"red_flags\.yml"):
        load(tmp_path)
