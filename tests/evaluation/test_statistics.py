"""Intervals, tests and corrections against closed forms, scipy and statsmodels, and the level that they keep."""

from math import sqrt

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from tinylens.evaluation.statistics import deviation, holm, mcnemar, sign_flips, wilson_interval

RUNS, IMAGES = 2000, 2000
LUCK = sqrt(0.95 * 0.05 / RUNS)  # standard error of a share near 0.95 or 0.05 of so many runs


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


@pytest.fixture(scope="module")
def intervals() -> np.ndarray:
    """The interval of each number of right answers to 2,000 images: (2001, 2)."""
    return np.array([wilson_interval(right, IMAGES) for right in range(IMAGES + 1)])


def coverage(intervals: np.ndarray, rate: float) -> float:
    """How often the interval holds the true accuracy: the probabilities, summed, of all outcomes where it does."""
    held = (intervals[:, 0] <= rate) & (rate <= intervals[:, 1])
    return float(stats.binom.pmf(np.arange(IMAGES + 1), IMAGES, rate) @ held)


def test_the_wilson_interval_holds_the_true_accuracy_19_times_of_20_by_the_sum_of_all_outcomes(
    intervals: np.ndarray,
) -> None:
    """Nothing is drawn here. At a single rate whole numbers leave it a little above or below, by 1.1 points at most."""
    rates = np.linspace(0.3, 0.99, 691)
    found = np.array([coverage(intervals, rate) for rate in rates])
    assert found.mean() == pytest.approx(0.95, abs=0.001)
    assert found == pytest.approx(np.full(691, 0.95), abs=0.011)
    assert (np.abs(found - 0.95) <= 0.01).mean() > 0.99


def test_the_wilson_interval_holds_the_true_accuracy_of_2000_simulated_runs(intervals: np.ndarray) -> None:
    """By every one of 50 seeds as nearly as 2,000 runs can tell, and by all of them together within 0.3 points."""
    shares = []
    for seed in range(50):
        draw = np.random.default_rng(seed)
        rates = draw.uniform(0.3, 0.99, RUNS)
        low, high = intervals[draw.binomial(IMAGES, rates)].T
        shares.append(((low <= rates) & (rates <= high)).mean())
    assert shares == pytest.approx([0.95] * 50, abs=4 * LUCK)
    assert np.mean(shares) == pytest.approx(0.95, abs=4 * LUCK / sqrt(50))


@pytest.mark.parametrize(("first", "second"), [(0, 0), (5, 0), (0, 1), (12, 30), (400, 451), (7, 7)])
def test_mcnemar_agrees_with_statsmodels(first: int, second: int) -> None:
    expected = reference_mcnemar([[900, first], [second, 50]], exact=True).pvalue if first + second else 1.0
    assert mcnemar(first, second) == pytest.approx(expected, abs=1e-12)
    assert mcnemar(first, second) == mcnemar(second, first)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (5, 0), (0, 1), (12, 30), (400, 451), (7, 7)])
def test_sign_flips_of_single_runs_are_mcnemar_s_test(first: int, second: int) -> None:
    differences = np.repeat([1, -1, 0], [second, first, 9000])
    assert sign_flips(differences) == pytest.approx(mcnemar(first, second), abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_sign_flips_agree_with_scipy_s_test_of_all_permutations(seed: int) -> None:
    differences = np.random.default_rng(seed).integers(-3, 5, 12)
    expected = stats.permutation_test((differences,), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert sign_flips(differences) == pytest.approx(expected.pvalue)
    assert sign_flips(-differences) == pytest.approx(expected.pvalue)


def test_sign_flips_of_many_images_follow_the_normal_law() -> None:
    differences = np.random.default_rng(0).choice([-15, -5, 0, 3, 5, 15], 10_000, p=[0.02, 0.05, 0.8, 0.04, 0.06, 0.03])
    z = abs(differences.sum()) / sqrt((differences**2).sum())
    assert z > 3
    assert sign_flips(differences) == pytest.approx(2 * stats.norm.sf(z), rel=0.05)


@pytest.mark.parametrize("values", [[0.01], [0.04, 0.01, 0.03], [0.5, 0.5, 0.001, 1.0], [0.02, 0.02, 0.02]])
def test_holm_agrees_with_statsmodels(values: list[float]) -> None:
    assert holm(values) == pytest.approx(multipletests(values, method="holm")[1].tolist())
    assert holm([]) == []


@pytest.mark.parametrize("alone", [1, 6, 20, 137, 500, 1500])
def test_mcnemar_finds_no_difference_between_equals_more_often_than_its_level(alone: int) -> None:
    """By the sum of all outcomes: of so many images that one of both gets right alone, each falls to either."""
    found = [mcnemar(first, alone - first) < 0.05 for first in range(alone + 1)]
    level = float(stats.binom.pmf(np.arange(alone + 1), alone, 0.5) @ np.array(found))
    assert level <= 0.05
    assert level > 0.03 or alone < 20


def test_the_deviation_of_values_that_agree_is_that_of_their_rounding() -> None:
    assert deviation([0.5, 0.5, 0.5], 0.01) == pytest.approx(0.01 / sqrt(12))
    assert deviation([0.5, 0.6], 0.01) == pytest.approx(np.std([0.5, 0.6], ddof=1))
