"""The report of a trial goes to JSON and comes back."""

import json

import pytest

from patchline.trial import report
from patchline.trial.report import Finding, Gate, Report, Validation
from tests.reports import FULL


def test_a_report_comes_back_from_json_as_it_went():
    assert report.report_of(json.loads(json.dumps(report.plain(FULL)))) == FULL


def test_a_report_without_a_model_comes_back_too():
    refused = Report(Gate(False, ("one file cannot be read",)), Validation((Finding("file", "line 3", file="a.yml"),)))
    assert report.report_of(json.loads(json.dumps(report.plain(refused)))) == refused


def test_a_share_says_its_interval_in_json():
    assert report.plain(FULL)["scores"]["out_of_scope"] == {"right": 3, "of": 3, "low": 0.4385, "high": 1.0}


def test_only_past_questions_are_named_by_their_id():
    assert [item.id for item in FULL.past] == [7]
    assert all(item.about_safety for item in FULL.changes)


@pytest.mark.parametrize("broken", [{}, {"gate": 3, "validation": {}}, {"gate": {"open": True}}])
def test_another_shape_is_an_error(broken):
    with pytest.raises((TypeError, ValueError)):
        report.report_of(broken)
