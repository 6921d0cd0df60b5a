"""How sure a figure is, and whether two figures differ by more than luck."""

import math
import statistics
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval of a proportion, both ends in [0, 1].

    Raises ValueError where trials is below 1 or successes are not between 0 and trials.
    Source: Wilson 1927, Probable inference, the law of succession, and statistical inference.
    """
    from scipy.stats import binomtest

    interval = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def t_interval(values: Sequence[float], *, finest: float, confidence: float = 0.95) -> tuple[float, float]:
    """Student's t interval of the mean of two shares or more, cut to 0 .. 1, which of two values is wide.

    finest: the step in which the shares come, as `deviation` takes it.
    """
    from scipy.stats import t

    middle = statistics.fmean(values)
    reach = t.ppf((1 + confidence) / 2, len(values) - 1) * deviation(values, finest) / math.sqrt(len(values))
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def deviation(values: Sequence[float], finest: float) -> float:
    """The standard deviation of two values or more, but at least what is lost in rounding them.

    finest: the step in which they come. Rounding to it loses finest / sqrt(12): values that agree to the last digit
    are no proof that all would.
    """
    return max(statistics.stdev(values), finest / math.sqrt(12))


def mcnemar(first_alone: int, second_alone: int) -> float:
    """The exact two-sided p-value of two classifiers of the same images being right equally often.

    first_alone, second_alone: images that only the one and only the other gets right. Were both equally good, each of
    these would fall to either with the toss of a coin.
    Source: McNemar 1947, Note on the sampling error of the difference between correlated proportions or percentages.
    """
    from scipy.stats import binomtest

    alone = first_alone + second_alone
    return float(binomtest(first_alone, alone).pvalue) if alone else 1.0


def sign_flips(differences: Int[np.ndarray, " n"]) -> float:
    """The exact two-sided p-value of paired differences that would be as likely with the other sign.

    differences: whole numbers; of shares, multiples of a common step. Where all of them are -1, 0 or 1 it is McNemar's
    test. The law of their sum is put together from one binomial for each size of a difference.
    Source: Fisher 1935, The Design of Experiments, section 21.
    """
    from scipy.signal import convolve
    from scipy.stats import binom

    sizes, counts = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    law = np.ones(1)  # of the sum of the differences that are above 0
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        part = np.zeros(size * count + 1)
        part[::size] = binom.pmf(np.arange(count + 1), count, 0.5)
        law = convolve(law, part)
    above = int(differences.clip(0).sum())
    return min(1.0, 2 * max(0.0, float(law[max(above, len(law) - 1 - above) :].sum())))


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values, corrected for their number: how often any of them all would be as low were there nothing to find.

    Source: Holm 1979, A simple sequentially rejective multiple test procedure.
    """
    given = np.array(p_values, dtype=float)
    order = np.argsort(given, kind="stable")
    steps = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    corrected = np.empty_like(given)
    corrected[order] = np.minimum(steps, 1)
    return corrected.tolist()
