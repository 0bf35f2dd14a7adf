"""A head on sentence vectors: it follows new sentences, and forgets nothing without a reason."""

import numpy as np
import pytest

from patchline.nlu.heads import Head, arranged, fit

LEFT, UP, RIGHT = np.eye(3)
KNOWN = Head(["down", "left"], np.array([[0.0, 2.0], [-3.0, 0.0], [0.0, 0.0]]), np.array([0.5, 0.25]))


def learnt(vectors, shares, start, trust=1.0):
    return fit(np.array(vectors), np.array(shares, float), start, trust)


def test_probabilities_of_each_sentence_sum_to_one():
    found = KNOWN.probabilities(np.array([LEFT, UP, RIGHT]))
    assert found.shape == (3, 2)
    assert found.sum(axis=1) == pytest.approx([1, 1, 1])
    assert found[0, 1] > 0.99
    assert found[2, 0] > found[2, 1], "where no weight speaks, the bias does"


def test_margins_of_any_size_are_probabilities():
    found = Head(["a", "b"], np.array([[1e4, -1e4]]), np.zeros(2)).probabilities(np.array([[1.0], [-1.0]]))
    assert found.tolist() == [[1, 0], [0, 1]]


def test_a_head_is_arranged_by_name_and_knows_nothing_of_a_new_class():
    found = arranged(KNOWN, ["left", "new"], 3)
    assert found.names == ["left", "new"]
    assert found.weight.T.tolist() == [[2, 0, 0], [0, 0, 0]]
    assert found.bias.tolist() == [0.25, 0]
    assert not arranged(None, ["a", "b"], 3).weight.any()


def test_it_learns_which_class_a_sentence_is():
    found = learnt([LEFT, UP] * 20, [[1, 0], [0, 1]] * 20, arranged(None, ["left", "up"], 3))
    assert found.names == ["left", "up"]
    assert found.probabilities(np.array([LEFT, UP])).argmax(axis=1).tolist() == [0, 1]


def test_it_is_never_quite_certain_of_what_it_has_learnt():
    found = learnt([LEFT, UP] * 500, [[1, 0], [0, 1]] * 500, arranged(None, ["left", "up"], 3))
    assert 0.9 < found.probabilities(np.array([LEFT]))[0, 0] < 0.99


def test_half_a_sign_is_learnt_as_half_a_sign():
    found = learnt([LEFT] * 50, [[0.5, 0.5]] * 50, arranged(None, ["a", "b"], 3))
    assert found.probabilities(np.array([LEFT]))[0] == pytest.approx([0.5, 0.5], abs=0.01)


def test_what_was_learnt_before_stays_where_nothing_speaks_against_it():
    start = Head(["left", "up"], np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]), np.zeros(2))
    found = learnt([LEFT, UP], [[1, 0], [0, 1]], start)
    assert found.probabilities(np.array([RIGHT]))[0, 1] > 0.99
    assert np.abs(found.weight - start.weight).max() < 0.5


def test_the_more_a_sentence_is_trusted_the_more_it_moves_the_head():
    start = Head(["left", "up"], np.array([[0.2, 0.0], [0.0, 0.2], [0.0, 0.0]]), np.zeros(2))
    said = np.array([LEFT])
    doubted, trusted = (learnt([LEFT], [[0, 1]], start, trust).probabilities(said)[0, 1] for trust in (0.001, 1.0))
    assert start.probabilities(said)[0, 1] < doubted < 0.5 < trusted


def test_the_head_that_it_started_from_is_left_as_it_was():
    before = KNOWN.weight.copy()
    learnt([LEFT, UP], [[1, 0], [0, 1]], KNOWN)
    assert np.array_equal(KNOWN.weight, before)
