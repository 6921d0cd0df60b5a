"""The Wilson interval against its closed form."""

from math import sqrt

import pytest
from scipy.stats import norm

from tinylens.evaluation.statistics import wilson_interval


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (0, 10_000), (6_684, 10_000), (10_000, 10_000), (3, 7)])
def test_wilson_agrees_with_the_closed_formula(k: int, n: int) -> None:
    z, p = norm.ppf(0.975), k / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = wilson_interval(k, n)
    assert (low, high) == pytest.approx((middle - half, middle + half), abs=1e-12)
    assert 0 <= low <= p <= high <= 1


@pytest.mark.parametrize(("k", "n"), [(1, 0), (0, 0), (2, 1), (-1, 5)])
def test_counts_that_cannot_be_are_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match=r"must|range|larger|between|not"):
        wilson_interval(k, n)
