"""The sides of a comparison: runs, or groups of seeds, and that they were judged on the same images."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from string import ascii_uppercase
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float

from tinylens.errors import DataError, TinylensError, UsageError
from tinylens.evaluation.abstaining import risk_coverage
from tinylens.evaluation.calibration import expected_calibration_error
from tinylens.evaluation.judge import require_sound, saved_predictions
from tinylens.evaluation.metrics import average, class_figures
from tinylens.evaluation.predictions import Predictions
from tinylens.evaluation.statistics import wilson_interval
from tinylens.results.account import Account, account_of
from tinylens.results.group import Group
from tinylens.runs import Run
from tinylens.words import with_deviation, with_interval

MOST = 20  # sides: 190 pairs


@dataclass(frozen=True)
class Figures:
    """What a run is told by beside its accuracy, as Metrics has it; interval: of the accuracy."""

    interval: tuple[float, float]
    macro_f1: float
    loss: float
    calibration_error: float
    risk_area: float

    @classmethod
    def of(cls, predictions: Predictions) -> "Figures":
        """The figures of these predictions, without the bootstraps that Metrics has."""
        labels = torch.from_numpy(predictions.labels).long()
        scaled = torch.from_numpy(predictions.logits) / predictions.temperature
        figures = class_figures(predictions)
        return cls(
            interval=wilson_interval(int(predictions.correct.sum()), len(predictions)),
            macro_f1=average("macro avg", figures, np.ones(len(figures))).f1,
            loss=F.cross_entropy(scaled, labels).item(),
            calibration_error=expected_calibration_error(scaled, labels),
            risk_area=risk_coverage(predictions.confidence, predictions.correct).area,
        )


@dataclass(frozen=True, eq=False)
class Side:
    """A run, or the runs of one recipe with the same settings, each with a seed of its own.

    letter: what it is called where its name has no room. predictions: of each run, of the same images. kind: the same
    in runs that differ by nothing but their seed.
    """

    letter: str
    name: str
    kind: str
    runs: tuple[Run, ...]
    predictions: tuple[Predictions, ...]

    @property
    def seeds(self) -> list[int]:
        """The seed of each run."""
        return [run.recipe.seed for run in self.runs]

    @cached_property
    def right(self) -> Float[np.ndarray, " n"]:
        """The share of its lenses that are right, of each image."""
        return np.mean([predictions.correct for predictions in self.predictions], axis=0)

    @property
    def mostly_right(self) -> Bool[np.ndarray, " n"]:
        """Whether more than half of its lenses are right, of each image."""
        return self.right > 0.5

    @cached_property
    def figures(self) -> list[Figures]:
        """The figures of each run."""
        return [Figures.of(predictions) for predictions in self.predictions]

    @property
    def accuracies(self) -> list[float]:
        """The accuracy of each run, in 0 .. 1."""
        return [float(predictions.correct.mean()) for predictions in self.predictions]

    @property
    def accuracy(self) -> float:
        """The mean accuracy of its runs."""
        return statistics.fmean(self.accuracies)

    @property
    def deviation(self) -> float | None:
        """The standard deviation of the accuracy over seeds; None of a single run."""
        return statistics.stdev(self.accuracies) if len(self.runs) > 1 else None

    @property
    def mark(self) -> str:
        """What stands behind its figures where selection looked at the test images."""
        return self.runs[0].recipe.mark if self.predictions[0].split == "test" else ""

    @property
    def said(self) -> str:
        """The accuracy with how sure it is: the interval of a run, the standard deviation over seeds."""
        if self.deviation is None:
            return with_interval(self.accuracy, self.figures[0].interval) + self.mark
        return f"{with_deviation(self.accuracy, self.deviation)} (n = {len(self.runs)}){self.mark}"

    def mean(self, figure: str) -> float:
        """The mean of a figure of its runs, by its name."""
        return statistics.fmean(getattr(figures, figure) for figures in self.figures)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {
            "letter": self.letter,
            "name": self.name,
            "runs": [str(run.path) for run in self.runs],
            "seeds": self.seeds,
            "accuracies": self.accuracies,
            "accuracy": self.accuracy,
            "deviation": self.deviation,
            "interval": self.figures[0].interval if self.deviation is None else None,
            "macro_f1": self.mean("macro_f1"),
            "loss": self.mean("loss"),
            "calibration_error": self.mean("calibration_error"),
            "risk_area": self.mean("risk_area"),
            "selected_on": self.runs[0].recipe.select_on,
        }


def sides_of(runs: Sequence[Run], split: str) -> tuple[Side, ...]:
    """The sides that runs make, in their order. Raises UsageError and DataError where they cannot be compared."""
    if len(runs) < 2:
        raise UsageError(f"a comparison takes two runs or more, not {len(runs)}")
    read = [saved_predictions(run, split) for run in runs]
    for run, predictions in zip(runs, read, strict=True):
        require_sound(run, predictions, split)
        require_same(runs[0], read[0], run, predictions)
    kept = {run.path: predictions for run, predictions in zip(runs, read, strict=True)}
    sides = []
    for group in together([named_account(run) for run in runs]):
        members = tuple(account.run for account in group.accounts)
        said = tuple(kept[run.path] for run in members)
        sides.append(Side("", group.name, group.accounts[0].kind, members, said))
    if len(sides) > MOST:
        raise UsageError(f"that would be {len(sides)} sides; a comparison has at most {MOST}")
    return told_apart(sides)


def named_account(run: Run) -> Account:
    """What a run says of itself. Raises TinylensError, with its path, where something of it is damaged."""
    try:
        return account_of(run)
    except TinylensError as error:
        raise error if str(run.path) in str(error) else TinylensError(f"{run.path}: {error}") from None


def together(accounts: Sequence[Account]) -> list[Group]:
    """Runs that differ by nothing but their seed together; each for itself where they all do.

    Raises UsageError where two of a group have the same seed.
    """
    kinds: dict[str, list[Account]] = {}
    for account in accounts:
        kinds.setdefault(account.kind, []).append(account)
    if len(kinds) == 1:
        return [Group((account,)) for account in accounts]
    for members in kinds.values():
        by_seed: dict[int, Account] = {}
        for account in members:
            other = by_seed.setdefault(account.run.recipe.seed, account)
            if other is not account:
                same = f"{other.run.path} and {account.run.path}"
                raise UsageError(f"{same} are the same recipe with the same settings and seed: name one of them")
    return [Group(tuple(members)) for members in kinds.values()]


def told_apart(sides: Sequence[Side]) -> tuple[Side, ...]:
    """The sides with a letter each, and a name that no other has: the recipe, with its seed or its directory where it
    must be."""
    ways = (
        lambda side: side.name,
        lambda side: f"{side.name}, seed {', '.join(map(str, side.seeds))}",
        lambda side: side.runs[0].path.name,
        lambda side: str(side.runs[0].path),
    )
    for way in ways:
        names = [way(side) for side in sides]
        if max(Counter(names).values()) == 1:
            break
    named = zip(ascii_uppercase, names, sides, strict=False)
    return tuple(replace(side, letter=letter, name=name) for letter, name, side in named)


def require_same(first: Run, said: Predictions, other: Run, also: Predictions) -> None:
    """Raise DataError, with the reason, where two runs were not judged on the same images in the same order."""
    why = difference_of_classes(said, also) or difference_of_images(first, said, other, also)
    if why:
        raise DataError(f"{first.path} and {other.path} cannot be compared: {why}")


def difference_of_classes(said: Predictions, also: Predictions) -> str | None:
    """In what two lists of classes differ; None where they do not."""
    one, two = said.classes, also.classes
    if one == two:
        return None
    if len(one) != len(two):
        return f"one knows {len(one)} classes, the other {len(two)}"
    if set(one) == set(two):
        return "their classes are in another order"
    name, place = next((n, i) for i, n in enumerate(one) if n != two[i])
    return f"their classes differ: number {place} is {name!r} of one and {two[place]!r} of the other"


def difference_of_images(first: Run, said: Predictions, other: Run, also: Predictions) -> str | None:
    """In what images and labels of two runs differ; None where they do not."""
    split = said.split
    one, two = first.manifest, other.manifest
    if one.splits[split]["ordered_fingerprint"] == two.splits[split]["ordered_fingerprint"]:
        wrong = int((said.labels != also.labels).sum())
        return f"{wrong:,} labels of their {split} images differ" if wrong else None
    if said.fingerprint == also.fingerprint:
        return f"their {split} images are in another order"
    if len(said) != len(also):
        return f"their {split} images differ: {len(said):,} and {len(also):,} of them"
    sizes = [f"{m.choice.image_size}x{m.choice.image_size} pixels, {m.choice.resize}" for m in (one, two)]
    if sizes[0] != sizes[1]:
        return f"their {split} images differ: {' and '.join(sizes)}"
    wrong = int((said.labels != also.labels).sum())
    if 0 < wrong < len(said) / 2:
        return f"{wrong:,} labels of their {split} images differ, or the images do"
    cut = " (cut from the training images by another seed)" if split == "validation" else ""
    return f"their {split} images differ{cut}"
