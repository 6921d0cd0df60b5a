"""Confusion matrices against scikit-learn, and what is said of them in words."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as counted
from tests.evaluation.test_metrics import random_predictions

from tinylens.errors import UsageError
from tinylens.evaluation.confusion import ConfusionMatrix, confusion_matrix, near_misses

GROUPS = tuple("zzzzyyyyxxxw")  # of the twelve classes; not in alphabetical order


def test_counts_and_shares_agree_with_scikit_learn() -> None:
    p = random_predictions()
    matrix = confusion_matrix(p)
    assert np.array_equal(matrix.counts, counted(p.labels, p.predicted, labels=range(12)))
    assert np.allclose(matrix.shares, counted(p.labels, p.predicted, labels=range(12), normalize="true"))
    assert matrix.names == p.classes
    assert ConfusionMatrix(np.array([[0, 0], [1, 3]]), ("a", "b")).shares.tolist() == [[0, 0], [0.25, 0.75]]


def test_the_matrix_of_superclasses_counts_each_image_once_in_its_groups() -> None:
    p = random_predictions(superclasses=GROUPS)
    matrix = confusion_matrix(p, superclasses=True)
    groups = np.array(GROUPS)
    assert matrix.names == ("w", "x", "y", "z")
    assert np.array_equal(matrix.counts, counted(groups[p.labels], groups[p.predicted], labels=list(matrix.names)))
    with pytest.raises(UsageError, match="no superclasses"):
        confusion_matrix(random_predictions(), superclasses=True)


def test_near_misses_are_counted_against_chance() -> None:
    p = random_predictions(superclasses=GROUPS)
    wrong = [(GROUPS[t], GROUPS[g]) for t, g in zip(p.labels, p.predicted, strict=True) if t != g]
    near = near_misses(p)
    assert near is not None
    assert (near.mistakes, near.within) == (len(wrong), sum(t == g for t, g in wrong))
    assert near.by_chance == pytest.approx(np.mean([(GROUPS.count(t) - 1) / 11 for t, _ in wrong]))
    assert f"{near.within} of {near.mistakes} mistakes (" in near.words
    assert near_misses(random_predictions()) is None


def test_without_mistakes_there_are_none_to_be_near() -> None:
    p = random_predictions(superclasses=GROUPS)
    p.logits[np.arange(len(p)), p.labels] = 100
    near = near_misses(p)
    assert near is not None
    assert near.words == "there are no mistakes"


def test_the_most_confused_pairs_come_worst_first_and_in_words() -> None:
    table = np.array([[5, 3, 0], [9, 1, 0], [0, 1, 1200]])
    pairs = ConfusionMatrix(table, ("cat", "dog", "ship")).most_confused()
    assert [pair.words for pair in pairs] == [
        "dog is taken for cat 9 times of 10",
        "cat is taken for dog 3 times of 8",
        "ship is taken for dog once of 1,201",
    ]
