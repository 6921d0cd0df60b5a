"""The stratified bootstrap: what is drawn, against scipy's, and how often its intervals hold the truth."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score
from tests.evaluation.test_metrics import random_predictions

from tinylens.evaluation.bootstrap import bootstrap, macro_f1_of, mean_of, percentiles

RUNS = 8000  # one point is four standard errors of a share near 0.95 of so many


def test_each_class_is_drawn_as_often_as_it_is_there_and_always_alike() -> None:
    labels = np.array([2, 0, 1, 0, 2, 2, 1, 0, 0])
    weights = bootstrap(lambda weights: weights, labels, draws=50)
    assert weights.shape == (50, 9)
    for label in range(3):
        assert (weights[:, labels == label].sum(axis=1) == (labels == label).sum()).all()
    assert weights.std(axis=0).min() > 0.3  # every image comes and goes
    assert np.array_equal(weights, bootstrap(lambda weights: weights, labels, draws=50))
    assert not np.array_equal(weights, bootstrap(lambda weights: weights, labels, draws=50, seed=1))


def test_images_that_are_alone_in_their_classes_vary_too() -> None:
    weights = bootstrap(lambda weights: weights, np.array([0, 1, 2, 3, 3]), draws=200)
    assert (weights[:, :3].sum(axis=1) == 3).all()
    assert (weights[:, 3:].sum(axis=1) == 2).all()
    assert weights.std(axis=0).min() > 0.3


def test_means_have_the_spread_that_scipy_s_bootstrap_gives_them() -> None:
    values = np.random.default_rng(0).normal(size=400)
    mine = bootstrap(mean_of(values), np.zeros(400, dtype=int), draws=4000)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(1))
    assert mine.std() == pytest.approx(theirs.standard_error, rel=0.05)
    assert percentiles(mine) == pytest.approx(tuple(theirs.confidence_interval), abs=0.01)


def test_several_values_of_an_image_are_told_of_together() -> None:
    values = np.random.default_rng(0).normal(size=(30, 2, 3))
    found = bootstrap(mean_of(values), np.arange(30) % 3, draws=20)
    assert found.shape == (20, 2, 3)
    assert found[:, 1, 2] == pytest.approx(bootstrap(mean_of(values[:, 1, 2]), np.arange(30) % 3, draws=20))


def test_macro_f1_of_a_drawn_set_is_scikit_learn_s() -> None:
    p = random_predictions()
    weights = bootstrap(lambda weights: weights, p.labels, draws=3)
    expected = [
        f1_score(p.labels, p.predicted, labels=range(12), average="macro", zero_division=0, sample_weight=row)
        for row in weights
    ]
    assert macro_f1_of(p.labels, p.predicted, 12)(weights) == pytest.approx(expected)


@pytest.mark.slow
def test_the_intervals_of_macro_f1_hold_the_truth_19_times_of_20() -> None:
    """A lens whose confusions are known, judged on many sets of 500 images."""
    draw = np.random.default_rng(3)
    labels = np.arange(500) % 3
    shares = np.array([[0.8, 0.15, 0.05], [0.2, 0.7, 0.1], [0.02, 0.08, 0.9]])
    truth = (2 * np.diag(shares) / (shares.sum(axis=0) + 1)).mean()
    held = 0
    for run in range(RUNS):
        predicted = (draw.random(500)[:, None] > shares.cumsum(axis=1)[labels]).sum(axis=1)
        low, high = percentiles(bootstrap(macro_f1_of(labels, predicted, 3), labels, draws=500, seed=run))
        held += bool(low <= truth <= high)
    print(f"{held / RUNS:.4f} of the intervals hold the truth")
    assert held / RUNS == pytest.approx(0.95, abs=0.01)


@pytest.mark.slow
def test_the_intervals_of_a_paired_difference_hold_the_truth_19_times_of_20() -> None:
    draw = np.random.default_rng(4)
    labels = np.arange(500) % 5
    held = 0
    for run in range(RUNS):
        differences = draw.choice([1.0, 0.0, -1.0], size=500, p=[0.10, 0.84, 0.06])
        low, high = percentiles(bootstrap(mean_of(differences), labels, draws=500, seed=run))
        held += bool(low <= 0.04 <= high)
    print(f"{held / RUNS:.4f} of the intervals hold the truth")
    assert held / RUNS == pytest.approx(0.95, abs=0.01)
