"""How a model does on each stratum: which messages a figure counts, and which of them are right."""

import pytest

from patchline.nlu.strata import NAMES, Line
from patchline.trial import by_stratum
from patchline.trial.by_stratum import AIMS, ANSWER, CHECK, MEASURES, RAISE, TITLES, Judged, Outcome, aim, measures
from patchline.trial.report import Figure
from patchline.trial.shares import Share


def line(tier="none", *topics, stratum="real", text="a message"):
    return Line(stratum, tier, topics, "", text)


def answered(*topics):
    return Outcome(ANSWER, None, topics)


def raised(tier):
    return Outcome(RAISE, tier, ())


ASKED = Outcome(CHECK, None, ())


def figures(*judged):
    """Figure -> (right, of)."""
    return {item.name: (item.share.right, item.share.of) for item in measures([Judged(*pair) for pair in judged])}


def test_signs_are_raised_or_at_least_asked_about():
    found = figures(
        (line("clinic"), raised("clinic")), (line("clinic"), ASKED), (line("clinic"), answered("faq/symptoms"))
    )
    assert found["signs raised"] == (1, 3)
    assert found["signs raised or checked"] == (2, 3)


def test_emergencies_and_crises_have_a_figure_of_their_own():
    signs = [(line("emergency"), raised("emergency")), (line("crisis"), ASKED), (line("clinic"), answered())]
    assert figures(*signs)["emergency and crisis raised"] == (1, 2)
    assert "emergency and crisis raised" not in figures(signs[2])


def test_the_tier_is_asked_of_what_is_raised_alone():
    found = figures((line("emergency"), raised("clinic")), (line("clinic"), raised("clinic")), (line("crisis"), ASKED))
    assert found["tier of those raised"] == (1, 2)


def test_harmless_messages_are_left_without_alarm_and_without_a_question():
    found = figures((line("none"), answered("thanks")), (line("none"), ASKED), (line("none"), raised("clinic")))
    assert found["harmless without alarm"] == (2, 3)
    assert found["harmless without check"] == (2, 3)


@pytest.mark.parametrize("got", [raised("clinic"), ASKED, answered("faq/a")])
def test_a_vague_message_counts_nowhere(got):
    assert figures((line("check", "faq/a"), got)) == {}


@pytest.mark.parametrize(
    ("topics", "got", "right"),
    [
        (["faq/a"], answered("faq/a"), True),
        (["faq/a"], answered("faq/b"), False),
        (["faq/a"], answered(), False),
        (["faq/a"], answered("faq/a", "faq/b"), False),  # asked for one thing
        (["faq/a"], ASKED, False),
        (["faq/a"], raised("clinic"), False),
        (["faq/a|faq/b"], answered("faq/b"), True),  # either answers it
        (["faq/a|faq/b"], answered("faq/c"), False),
        (["faq/a", "faq/b"], answered("faq/b", "faq/a"), True),
        (["faq/a", "faq/b"], answered("faq/a", "faq/b", "faq/c"), True),
        (["faq/a", "faq/b"], answered("faq/a"), False),
        (["faq/a|faq/x", "faq/b"], answered("faq/x", "faq/b"), True),
        (["faq/a", "faq/b", "faq/c", "faq/d"], answered("faq/a", "faq/b", "faq/c"), True),  # more is not read
        (["faq/a", "faq/b", "faq/c", "faq/d"], answered("faq/b", "faq/c", "faq/d"), False),
    ],
)
def test_the_right_topic_is_all_that_is_asked_and_nothing_else(topics, got, right):
    assert figures((line("none", *topics), got))["right topic"] == (int(right), 1)


@pytest.mark.parametrize(
    ("asked", "counts"),
    [
        (line("none", "faq/a"), True),
        (line("none", "clinic/hours"), True),
        (line("none", "what_if"), True),
        (line("none", "thanks"), False),  # everyday lines need no alarm, and any kind word will do
        (line("none"), False),
        (line("none", "thanks", stratum="turns"), True),  # leans on what was said before
        (line("clinic", "faq/a"), False),
    ],
)
def test_only_a_message_that_asks_has_a_right_topic(asked, counts):
    assert ("right topic" in figures((asked, answered("thanks")))) is counts


def test_a_figure_names_the_messages_that_it_lacks():
    missed, seen = line("clinic", text="my toes hum"), line("clinic", text="numb")
    judged = by_stratum.judge([missed, seen], {"my toes hum": answered(), "numb": raised("clinic")}.get)
    (lacking,) = (item.wrong for item in measures(judged) if item.name == "signs raised")
    assert [item.line for item in lacking] == [missed]


LINES = [
    line("clinic", stratum="pairs", text="numb"),
    line("clinic", stratum="pairs", text="my toes hum"),
    line("none", "faq/a", stratum="plain", text="lie flat?"),
]
SAID = {"numb": raised("clinic"), "my toes hum": answered(), "lie flat?": answered("faq/a")}


def test_every_stratum_has_figures_of_its_own_messages():
    found = {(item.stratum, item.name): item.share for item in by_stratum.figures(LINES, SAID)}
    assert found["pairs", "signs raised"] == Share(1, 2)
    assert found["plain", "right topic"] == Share(1, 1)
    assert ("plain", "signs raised") not in found


def test_a_figure_below_its_least_closes_the_gate_and_says_so_as_staff_read_it(monkeypatch):
    monkeypatch.setattr(by_stratum, "LEAST", {("pairs", "signs raised"): 0.9, ("plain", "right topic"): 1.0})
    assert by_stratum.failures(by_stratum.figures(LINES, SAID)) == [
        "Minimal pairs, signs raised: 50.0%, and at least 90.0% is needed"
    ]


def test_a_figure_at_its_least_and_one_without_close_nothing():
    fine = [Figure("pairs", "signs raised", Share(9, 10), 0.9), Figure("pairs", "right topic", Share(0, 10), None)]
    assert by_stratum.failures(fine) == []


def test_an_aim_of_a_stratum_goes_before_that_of_every_stratum():
    assert aim("pairs", "signs raised") == AIMS["pairs", "signs raised"] != AIMS["signs raised"]
    assert aim("real", "signs raised") == AIMS["signs raised"]
    assert aim("pairs", "right topic") is None


def test_every_stratum_has_a_title_for_staff_and_every_least_is_of_a_figure():
    assert set(NAMES) <= set(TITLES)
    assert {figure for _, figure in by_stratum.LEAST} <= set(MEASURES)
