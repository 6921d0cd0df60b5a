"""Conformal sets: that they hold the truth as often as asked, measured on images that they were not fitted on."""

import numpy as np
import pytest

from tinylens.conformal import Conformal
from tinylens.errors import UsageError


def said(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of six classes that are worse than they look, and labels."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(6, size=count)
    logits = 3 * draw.normal(size=(count, 6))
    logits[np.arange(count), labels] += 4
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), labels


def test_the_sets_hold_the_label_as_often_as_asked_over_2000_runs() -> None:
    """On average over runs: of a single run it is a matter of its validation images."""
    asked = (0.6, 0.8, 0.9, 0.95)
    probabilities, labels = said(2000 * 150, 0)
    covered = []
    for run in range(2000):
        some = slice(150 * run, 150 * run + 99)
        others = slice(150 * run + 99, 150 * run + 150)
        conformal = Conformal.fitted(probabilities[some], labels[some])
        sets = [conformal.sets(probabilities[others], coverage) for coverage in asked]
        covered.append([told[np.arange(51), labels[others]].mean() for told in sets])
    assert np.mean(covered, axis=0) == pytest.approx(asked, abs=0.01)


def test_thresholds_are_the_quantiles_that_the_paper_has() -> None:
    probabilities, labels = said(99, 0)
    conformal = Conformal.fitted(probabilities, labels)
    scores = 1 - probabilities[np.arange(99), labels]
    for coverage in (0.5, 0.9, 0.95, 0.99):
        quantile = np.quantile(scores, np.ceil(100 * coverage) / 99, method="inverted_cdf")
        assert conformal.threshold(coverage) == pytest.approx(1 - quantile)


def test_a_coverage_that_so_few_images_cannot_promise_tells_every_class() -> None:
    conformal = Conformal.fitted(*said(50, 0))
    assert conformal.threshold(0.99) == 0
    assert conformal.sets(said(5, 1)[0], 0.99).all()


def test_the_sets_grow_with_the_coverage_and_may_be_empty() -> None:
    conformal = Conformal.fitted(*said(1000, 0))
    sizes = [conformal.sets(said(200, 1)[0], coverage).sum() for coverage in (0.5, 0.7, 0.9, 0.9001, 0.99)]
    assert sizes == sorted(sizes)
    assert conformal.threshold(0.9001) == conformal.threshold(0.901)
    assert not conformal.sets(np.full((1, 6), 1 / 6), 0.5).any()


@pytest.mark.parametrize("coverage", [0.0, 0.4999 - 0.001, 0.9995, 1.0, 95.0, float("nan"), -1.0])
def test_a_coverage_that_cannot_be_asked_for_is_refused(coverage: float) -> None:
    with pytest.raises(UsageError, match=r"can be 0\.500 to 0\.999"):
        Conformal.fitted(*said(50, 0)).threshold(coverage)


@pytest.mark.parametrize("value", [None, "no", [0.5], [0.5] * 499 + ["x"], [0.5] * 499 + [2.0]])
def test_what_no_one_saved_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not 500 probabilities"):
        Conformal.restored(value)
    kept = Conformal.fitted(*said(50, 0))
    assert Conformal.restored(list(kept.thresholds)) == kept
