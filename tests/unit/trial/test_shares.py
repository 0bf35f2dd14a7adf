"""Intervals and percentiles."""

import pytest

from patchline.trial.shares import Share, percentile, wilson


def test_wilson_interval_of_ten_trials_is_the_one_of_the_textbooks():
    assert wilson(0.9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert wilson(1.0, 20)[1] == pytest.approx(1.0)
    assert wilson(0.0, 20)[0] == 0.0
    assert wilson(0.0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5), (0.95, 10), (0.9, 9), (0.99, 10), (0.1, 1)])
def test_a_percentile_is_one_of_the_values(share, expected):
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share) == expected


def test_a_share_knows_its_interval_and_is_whole_where_nothing_was_asked():
    assert Share(9, 10).low == pytest.approx(0.5958, abs=1e-4)
    assert Share(0, 0).share == 1.0
