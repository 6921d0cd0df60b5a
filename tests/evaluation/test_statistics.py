"""Intervals, tests and corrections against closed forms, scipy and statsmodels, and the level that they keep."""

from math import sqrt

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from tinylens.evaluation.statistics import deviation, holm, mcnemar, sign_flips, wilson_interval

RUNS = 2000


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (0, 10_000), (6_684, 10_000), (10_000, 10_000), (3, 7)])
def test_wilson_agrees_with_the_closed_formula_and_with_statsmodels(k: int, n: int) -> None:
    z, p = stats.norm.ppf(0.975), k / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = wilson_interval(k, n)
    assert (low, high) == pytest.approx((middle - half, middle + half), abs=1e-12)
    assert (low, high) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-12)
    assert 0 <= low <= p <= high <= 1


@pytest.mark.parametrize(("k", "n"), [(1, 0), (0, 0), (2, 1), (-1, 5)])
def test_counts_that_cannot_be_are_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match=r"must|range|larger|between|not"):
        wilson_interval(k, n)


def test_the_wilson_interval_holds_the_true_accuracy_of_2000_runs_19_times_of_20() -> None:
    draw = np.random.default_rng(2)
    rates = draw.uniform(0.3, 0.99, RUNS)
    right = draw.binomial(2000, rates)
    known = {int(k): wilson_interval(int(k), 2000) for k in np.unique(right)}
    held = [known[int(k)][0] <= rate <= known[int(k)][1] for k, rate in zip(right, rates, strict=True)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (5, 0), (0, 1), (12, 30), (400, 451), (7, 7)])
def test_mcnemar_agrees_with_statsmodels(first: int, second: int) -> None:
    expected = reference_mcnemar([[900, first], [second, 50]], exact=True).pvalue if first + second else 1.0
    assert mcnemar(first, second) == pytest.approx(expected, abs=1e-12)
    assert mcnemar(first, second) == mcnemar(second, first)


def test_sign_flips_of_single_runs_are_mcnemar_s_test_by_the_normal_law_and_agree_with_scipy() -> None:
    differences = np.repeat([1.0, -1.0, 0.0], [451, 400, 9149])
    expected = reference_mcnemar([[900, 451], [400, 50]], exact=False, correction=False).pvalue
    assert sign_flips(differences) == pytest.approx(expected)
    assert sign_flips(np.zeros(5)) == 1
    some = np.random.default_rng(0).normal(0.2, 1, 200)
    flipped = stats.permutation_test(
        (some,), np.mean, permutation_type="samples", n_resamples=4999, rng=np.random.default_rng(1)
    )
    assert sign_flips(some) == pytest.approx(flipped.pvalue, abs=0.02)


@pytest.mark.parametrize("values", [[0.01], [0.04, 0.01, 0.03], [0.5, 0.5, 0.001, 1.0], [0.02, 0.02, 0.02]])
def test_holm_agrees_with_statsmodels(values: list[float]) -> None:
    assert holm(values) == pytest.approx(multipletests(values, method="holm")[1].tolist())
    assert holm([]) == []


def test_mcnemar_finds_no_difference_between_equals_more_often_than_its_level() -> None:
    draw = np.random.default_rng(2)
    both, alone = 0.6, 0.25  # of images: right of both, and of one of them
    counts = draw.multinomial(2000, [both, alone / 2, alone / 2, 1 - both - alone], size=RUNS)
    found = np.mean([mcnemar(int(first), int(second)) < 0.05 for _, first, second, _ in counts])
    assert 0.03 < found <= 0.05 + 3 * sqrt(0.05 * 0.95 / RUNS)


def test_the_deviation_of_values_that_agree_is_that_of_their_rounding() -> None:
    assert deviation([0.5, 0.5, 0.5], 0.01) == pytest.approx(0.01 / sqrt(12))
    assert deviation([0.5, 0.6], 0.01) == pytest.approx(np.std([0.5, 0.6], ddof=1))
