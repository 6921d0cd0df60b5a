"""Conformal sets: for each image the classes among which its own is, as often as asked, whatever the lens is worth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from tinylens.errors import UsageError

LEAST, MOST = 500, 999  # thousandths: the coverages that can be asked for


@dataclass(frozen=True)
class Conformal:
    """From which probability on a class is told, by the coverage that is asked for.

    thresholds: of the coverages 0.500, 0.501 .. 0.999. A set holds the classes whose probability is the threshold or
    more, so it is empty where no class is probable enough, and has all classes where the threshold is 0: there were
    too few images for a coverage that high.
    Source: Sadinle, Lei and Wasserman 2019, Least Ambiguous Set-Valued Classifiers with Bounded Error Levels.
    """

    thresholds: tuple[float, ...]

    @classmethod
    def fitted(cls, probabilities: Float[np.ndarray, "n k"], labels: Int[np.ndarray, " n"]) -> "Conformal":
        """Thresholds from images that the lens did not learn from.

        Of n such images and one more the last is as likely to have any rank. So its class is told with the coverage
        asked for at least, if the threshold is the floor((n + 1) (1 - coverage))-th lowest probability of a label.
        """
        lowest = np.concatenate([[0.0], np.sort(probabilities[np.arange(len(labels)), labels])])
        ranks = [(len(labels) + 1) * (1000 - asked) // 1000 for asked in range(LEAST, MOST + 1)]
        return cls(tuple(lowest[ranks].tolist()))

    @classmethod
    def restored(cls, thresholds: Any) -> "Conformal":
        """What was saved as a list. Raises ValueError for anything else."""
        sound = isinstance(thresholds, list) and len(thresholds) == MOST - LEAST + 1
        if not sound or not all(isinstance(value, int | float) and 0 <= value <= 1 for value in thresholds):
            raise ValueError(f"its conformal thresholds are not {MOST - LEAST + 1} probabilities")
        return cls(tuple(map(float, thresholds)))

    def threshold(self, coverage: float) -> float:
        """The threshold of a coverage, rounded up to thousandths. Raises UsageError where it cannot be asked for."""
        asked = int(np.ceil(round(1000 * coverage, 6))) if np.isfinite(coverage) else 0
        if not LEAST <= asked <= MOST:
            raise UsageError(f"coverage {coverage:g}: can be {LEAST / 1000:.3f} to {MOST / 1000:.3f}")
        return self.thresholds[asked - LEAST]

    def sets(self, probabilities: Float[np.ndarray, "n k"], coverage: float) -> Bool[np.ndarray, "n k"]:
        """Whether each class is in the set of each image."""
        return probabilities >= self.threshold(coverage)
