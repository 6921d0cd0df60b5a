"""Abstaining: how often a lens is wrong where it answers only what it is surest of."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """Mistakes by how many images are answered, the surest first.

    coverage: the share of images that are answered, in (0, 1]. risk: the share of these that are wrong.
    """

    coverage: Float[np.ndarray, " n"]
    risk: Float[np.ndarray, " n"]

    @property
    def area(self) -> float:
        """The area under the curve, the mean risk over all coverages: AURC; lower is better."""
        return float(self.risk.mean())

    def risk_at(self, coverage: float) -> float:
        """The share of wrong answers where at least that share of images is answered."""
        return float(self.risk[min(int(np.searchsorted(self.coverage, coverage - 1e-9)), len(self.risk) - 1)])

    def coverage_at(self, risk: float) -> float:
        """The largest share of images that can be answered with at most that share of wrong answers; 0 for none."""
        fit = np.flatnonzero(self.risk <= risk)
        return float(self.coverage[fit[-1]]) if len(fit) else 0.0


def risk_coverage(confidence: Float[np.ndarray, " n"], correct: Bool[np.ndarray, " n"]) -> RiskCoverage:
    """The curve of images that are answered in the order of how sure the lens is of them.

    Images of the same confidence come in no order: each of them counts for their mean.
    Source: Geifman and El-Yaniv 2017, Selective Classification for Deep Neural Networks.
    """
    levels, level = np.unique(-confidence, return_inverse=True)
    wrong = np.bincount(level, weights=~correct, minlength=len(levels)) / np.bincount(level, minlength=len(levels))
    answered = np.arange(1, len(correct) + 1)
    return RiskCoverage(answered / len(correct), np.cumsum(wrong[np.sort(level)]) / answered)
