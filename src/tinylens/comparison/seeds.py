"""Whether two recipes differ by more than their seeds do: t tests of the accuracies of their runs."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinylens.comparison.sides import Side
from tinylens.evaluation.statistics import deviation, holm

LEVEL = 0.05


@dataclass(frozen=True)
class SeedTest:
    """A t test of the accuracies of two sides' runs.

    method: "paired by seed", where each seed trained both on the same images, else "Welch". runs: of each side.
    difference: of the means, second less first, with its 95 % interval. corrected: p by Holm, over all pairs.
    """

    method: str
    runs: tuple[int, int]
    difference: float
    interval: tuple[float, float]
    p: float
    corrected: float


def tests_of_seeds(both: Sequence[tuple[Side, Side]]) -> list[SeedTest | None]:
    """The test of the seeds of each two sides with several runs each, corrected for how many such tests there are."""
    found = [seed_test(first, second) for first, second in both]
    corrected = iter(holm([test.p for test in found if test is not None]))
    return [test and replace(test, corrected=next(corrected)) for test in found]


def seed_test(first: Side, second: Side) -> SeedTest | None:
    """A t test of the accuracies of two sides' runs, not corrected; None where one of them has a single run."""
    if min(len(first.runs), len(second.runs)) < 2:
        return None
    finest = 1 / len(first.right)
    one, two = by_seed(first), by_seed(second)
    runs = len(one), len(two)
    paired = one.keys() == two.keys() and all(one[seed][0] == two[seed][0] for seed in one)
    if paired:
        differences = [two[seed][1] - one[seed][1] for seed in one]
        middle, error, freedom = paired_t(differences, finest)
    else:
        middle, error, freedom = welch_t(first.accuracies, second.accuracies, finest)
    return t_test("paired by seed" if paired else "Welch", runs, middle, error, freedom)


def by_seed(side: Side) -> dict[int, tuple[str, float]]:
    """Each run's training images, by fingerprint, and its accuracy, by its seed."""
    prints = [run.manifest.splits["train"]["fingerprint"] for run in side.runs]
    return dict(zip(side.seeds, zip(prints, side.accuracies, strict=True), strict=True))


def paired_t(differences: Sequence[float], finest: float) -> tuple[float, float, float]:
    """Mean, standard error and degrees of freedom of paired differences. finest: as `deviation` takes it."""
    count = len(differences)
    return statistics.fmean(differences), deviation(differences, finest) / math.sqrt(count), float(count - 1)


def welch_t(first: Sequence[float], second: Sequence[float], finest: float) -> tuple[float, float, float]:
    """Difference of means, standard error and degrees of freedom of two samples whose variances may differ.

    Source: Welch 1947, The generalization of Student's problem when several different population variances are
    involved.
    """
    parts = [deviation(values, finest) ** 2 / len(values) for values in (first, second)]
    freedom = sum(parts) ** 2 / sum(p**2 / (len(v) - 1) for p, v in zip(parts, (first, second), strict=True))
    return statistics.fmean(second) - statistics.fmean(first), math.sqrt(sum(parts)), freedom


def t_test(method: str, runs: tuple[int, int], middle: float, error: float, freedom: float) -> SeedTest:
    """The two-sided test of a difference with this standard error, and its 95 % interval."""
    from scipy.stats import t

    p = float(2 * t.sf(abs(middle) / error, freedom))
    reach = float(t.ppf(1 - LEVEL / 2, freedom)) * error
    return SeedTest(method, runs, middle, (middle - reach, middle + reach), p, p)
