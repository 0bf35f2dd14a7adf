import pytest

from evaluation.scores import (
    OUT,
    accuracy,
    all_scores,
    auroc,
    macro_f1,
    on_new_words,
    rejected_by_label,
    rejection_recall,
    worst_pairs,
)


def test_accuracy_counts_in_scope_messages_only():
    assert accuracy(["a", "a", "b", "c", OUT, OUT], ["a", "b", "b", OUT, "a", OUT]) == 2 / 4


def test_macro_f1_gives_every_topic_the_same_weight():
    truth = ["a", "a", "a", "b"]
    label = ["a", "a", "b", "b"]  # a: precision 1, recall 2/3, F1 4/5; b: precision 1/2, recall 1, F1 2/3
    assert macro_f1(truth, label) == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_a_topic_that_is_never_found_has_an_f1_of_zero():
    assert macro_f1(["a", "b"], ["a", "a"]) == pytest.approx((2 / 3 + 0) / 2)


def test_auroc_is_the_share_of_pairs_in_the_right_order_and_a_tie_counts_half():
    truth = ["a", "a", OUT, OUT]
    assert auroc(truth, [0.9, 0.4, 0.4, 0.1]) == (1 + 1 + 0.5 + 1) / 4
    assert auroc(truth, [0.9, 0.8, 0.2, 0.1]) == 1.0
    assert auroc(truth, [0.1, 0.2, 0.8, 0.9]) == 0.0


def test_a_set_without_out_of_scope_messages_has_no_auroc_and_no_recall():
    assert auroc(["a"], [0.5]) is None
    assert rejection_recall(["a"], [0.5], 0.05) is None


def test_recall_uses_the_strictest_threshold_that_keeps_false_rejections_within_the_share():
    inside = [0.10, 0.20, 0.30, 0.40, 0.50, 0.60, 0.70, 0.80, 0.90, 1.00]
    outside = [0.05, 0.15, 0.19, 0.25]
    truth = ["a"] * 10 + [OUT] * 4
    # one of ten may be lost: everything below 0.20 is rejected, and three of the four are there
    assert rejection_recall(truth, inside + outside, 0.10) == 3 / 4
    # half a message cannot be lost: only what is below every in-scope message
    assert rejection_recall(truth, inside + outside, 0.05) == 1 / 4


def test_messages_with_equal_scores_are_kept_or_lost_together():
    assert rejection_recall(["a"] * 10 + [OUT], [0.3] * 10 + [0.3], 0.10) == 0.0


def test_rejection_by_label_counts_both_kinds_apart():
    truth, label = ["a", "a", "b", "b", OUT, OUT], ["a", OUT, "b", "b", OUT, "a"]
    assert rejected_by_label(truth, label) == (1 / 2, 1 / 4)


def test_worst_pairs_name_the_most_frequent_mistakes_first_and_leave_out_of_scope_questions_out():
    truth = ["a", "a", "a", "b", "b", "c", OUT]
    label = ["b", "b", "a", "c", "b", "b", "a"]
    assert worst_pairs(truth, label) == [("a", "b", 2), ("b", "c", 1), ("c", "b", 1)]
    assert worst_pairs(truth, label, 1) == [("a", "b", 2)]


def test_accuracy_on_new_words_leaves_the_others_and_out_of_scope_out():
    truth, label = ["a", "a", "b", "b", OUT], ["a", "b", "b", "a", OUT]
    assert on_new_words(truth, label, [1, 2, 4]) == {"new_in_scope": 2, "new_accuracy": 1 / 2}
    assert on_new_words(truth, label, [4]) == {"new_in_scope": 0, "new_accuracy": None}


def test_rejection_by_label_is_left_out_where_nobody_was_trained_to_reject():
    truth, label, score = ["a", "b", OUT], ["a", "a", "b"], [0.9, 0.8, 0.1]
    assert all_scores(truth, label, score, trained_out=False)["label_recall"] is None
    assert all_scores(truth, label, score, trained_out=True)["label_recall"] == 0.0
