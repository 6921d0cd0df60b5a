"""Two sides of a comparison: how far apart on images, which of them each gets right alone, and class by class."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from tinylens.comparison.seeds import LEVEL, SeedTest, tests_of_seeds
from tinylens.comparison.sides import Side
from tinylens.evaluation.bootstrap import bootstrap, mean_of, percentiles
from tinylens.evaluation.statistics import holm, mcnemar, sign_flips

Interval = tuple[float, float]


@dataclass(frozen=True)
class ClassChange:
    """The recall of one class on both sides, their difference with its 95 % interval, and p by Holm over classes."""

    name: str
    images: int
    first: float
    second: float
    interval: Interval
    corrected: float

    @property
    def difference(self) -> float:
        """Second less first."""
        return self.second - self.first


@dataclass(frozen=True, eq=False)
class Pair:
    """Two sides.

    difference: of accuracy, second less first, with its 95 % interval by a stratified paired bootstrap of the images.
    test: what p is from, "exact McNemar" of two runs, "exact sign flips" where a side has several. corrected: p by
    Holm, over all pairs. seeds: None where a side has a single run. first_alone, second_alone: the images that one side
    gets right and the other wrong, by more than half of its lenses.
    """

    first: Side
    second: Side
    difference: float
    interval: Interval
    test: str
    p: float
    corrected: float
    seeds: SeedTest | None
    first_alone: Int[np.ndarray, " a"]
    second_alone: Int[np.ndarray, " b"]
    both: int
    neither: int
    classes: tuple[ClassChange, ...]

    @property
    def letters(self) -> str:
        """What is subtracted from what: B − A."""
        return f"{self.second.letter} − {self.first.letter}"

    @property
    def same_recipe(self) -> bool:
        """Whether the sides differ by nothing but their seed."""
        return self.first.kind == self.second.kind

    @property
    def better(self) -> Side:
        """The side with the higher accuracy; the second where they are equal."""
        return self.first if self.difference < 0 else self.second

    @property
    def worse(self) -> Side:
        """The other side."""
        return self.second if self.difference < 0 else self.first

    @property
    def lenses_differ(self) -> bool:
        """Whether these lenses differ on other images like these."""
        return self.corrected < LEVEL

    @property
    def recipes_differ(self) -> bool:
        """Whether the recipes do, with other seeds and on other images: both must be shown."""
        return self.seeds is not None and self.seeds.corrected < LEVEL and self.lenses_differ

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {
            "first": self.first.name,
            "second": self.second.name,
            "same_recipe": self.same_recipe,
            "difference": self.difference,
            "interval": self.interval,
            "test": self.test,
            "p": self.p,
            "p_holm": self.corrected,
            "seeds": asdict(self.seeds) if self.seeds else None,
            "lenses_differ": self.lenses_differ,
            "recipes_differ": self.recipes_differ,
            "both_right": self.both,
            "neither_right": self.neither,
            "first_alone": self.first_alone.tolist(),
            "second_alone": self.second_alone.tolist(),
            "classes": [asdict(change) | {"difference": change.difference} for change in self.classes],
        }


def pairs_of(sides: Sequence[Side]) -> tuple[Pair, ...]:
    """Each two of the sides, in their order, with p-values corrected for how many they are."""
    both = list(combinations(sides, 2))
    labels = sides[0].predictions[0].labels
    differences = np.stack([second.right - first.right for first, second in both], axis=1)
    intervals = list(zip(*percentiles(bootstrap(mean_of(differences), labels)), strict=True))
    values = [images_p(first, second) for first, second in both]
    corrected = holm(values)
    seeds = tests_of_seeds(both)
    changes = class_changes(sides[0].predictions[0].classes, labels, both, differences)
    return tuple(
        Pair(
            first=first,
            second=second,
            difference=float(share_right(second) - share_right(first)),
            interval=(float(intervals[i][0]), float(intervals[i][1])),
            test="exact McNemar" if single(first, second) else "exact sign flips",
            p=values[i],
            corrected=corrected[i],
            seeds=seeds[i],
            first_alone=np.flatnonzero(first.mostly_right & ~second.mostly_right),
            second_alone=np.flatnonzero(second.mostly_right & ~first.mostly_right),
            both=int((first.mostly_right & second.mostly_right).sum()),
            neither=int((~first.mostly_right & ~second.mostly_right).sum()),
            classes=changes[i],
        )
        for i, (first, second) in enumerate(both)
    )


def share_right(side: Side) -> Fraction:
    """The mean accuracy of its runs, exactly: thirds in floats do not add up to 0 where two sides are level."""
    right = sum(int(predictions.correct.sum()) for predictions in side.predictions)
    return Fraction(right, len(side.runs) * len(side.right))


def single(first: Side, second: Side) -> bool:
    """Whether both sides are one run."""
    return len(first.runs) == len(second.runs) == 1


def images_p(first: Side, second: Side, where: Int[np.ndarray, " m"] | None = None) -> float:
    """The p-value of both sides being as often right on images like these. where: of some of the images alone."""
    runs = math.lcm(len(first.runs), len(second.runs))  # in whole numbers: shares of these would be rounded
    difference = np.rint(runs * second.right).astype(int) - np.rint(runs * first.right).astype(int)
    chosen = difference if where is None else difference[where]
    if single(first, second):
        return mcnemar(int((chosen < 0).sum()), int((chosen > 0).sum()))
    return sign_flips(chosen)


def class_changes(
    classes: Sequence[str],
    labels: Int[np.ndarray, " n"],
    both: Sequence[tuple[Side, Side]],
    differences: Float[np.ndarray, "n p"],
) -> list[tuple[ClassChange, ...]]:
    """For each pair the change of each class."""
    of_class = [np.flatnonzero(labels == label) for label in range(len(classes))]
    ends = [percentiles(bootstrap(mean_of(differences[where]), np.zeros(len(where), dtype=int))) for where in of_class]
    found = []
    for i, (first, second) in enumerate(both):
        corrected = holm([images_p(first, second, where) for where in of_class])
        found.append(
            tuple(
                ClassChange(
                    name,
                    len(where),
                    float(first.right[where].mean()),
                    float(second.right[where].mean()),
                    (float(low[i]), float(high[i])),
                    p,
                )
                for name, where, (low, high), p in zip(classes, of_class, ends, corrected, strict=True)
            )
        )
    return found
