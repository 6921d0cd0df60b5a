"""Which classes are taken for which: the confusion matrix of classes and of superclasses, and what it says in words."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from tinylens.errors import UsageError
from tinylens.evaluation.predictions import Predictions
from tinylens.words import count, percent, times


@dataclass(frozen=True)
class Confusion:
    """How often one class is taken for another, of all images of the true class."""

    truth: str
    predicted: str
    count: int
    images: int

    @property
    def words(self) -> str:
        """In words: cat is taken for dog 196 times of 1,000."""
        return f"{self.truth} is taken for {self.predicted} {times(self.count)} of {self.images:,}"


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """Images counted by true class (rows) and predicted class (columns).

    counts: of images. names: of the classes or superclasses that rows and columns stand for.
    """

    counts: Int[np.ndarray, "k k"]
    names: tuple[str, ...]

    @property
    def shares(self) -> Float[np.ndarray, "k k"]:
        """Each count as a share of its row, in 0 .. 1; 0 where the row has no image."""
        return self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)

    @property
    def mistakes(self) -> Int[np.ndarray, "k k"]:
        """The counts without those of the right predictions."""
        return self.counts * ~np.eye(len(self.names), dtype=bool)

    def most_confused(self, most: int = 10) -> tuple[Confusion, ...]:
        """The pairs of true and predicted class with the most mistakes, worst first."""
        wrong, images = self.mistakes, self.counts.sum(axis=1)
        worst = np.argsort(-wrong, axis=None, kind="stable")[:most]
        pairs = zip(*np.unravel_index(worst, wrong.shape), strict=True)
        return tuple(
            Confusion(self.names[t], self.names[p], int(wrong[t, p]), int(images[t])) for t, p in pairs if wrong[t, p]
        )


@dataclass(frozen=True)
class NearMisses:
    """Mistakes whose predicted class lies in the right superclass.

    mistakes: all there are. within: those in the right superclass. by_chance: the share that would be, were every wrong
    class as likely as any other.
    """

    mistakes: int
    within: int
    by_chance: float

    @property
    def words(self) -> str:
        """In words: 1,520 of 4,000 mistakes (38.0 %) stay within the superclass; by chance 4.0 % would."""
        if not self.mistakes:
            return "there are no mistakes"
        share = percent(self.within / self.mistakes)
        said = f"{self.within:,} of {count(self.mistakes, 'mistake')} ({share}) stay within the superclass"
        return f"{said}; by chance {percent(self.by_chance)} would"


def confusion_matrix(predictions: Predictions, *, superclasses: bool = False) -> ConfusionMatrix:
    """The confusion matrix of the classes, or of their superclasses in alphabetical order.

    Raises UsageError for superclasses of data that has none.
    """
    from sklearn.metrics import confusion_matrix as counted

    counts = counted(predictions.labels, predictions.predicted, labels=np.arange(len(predictions.classes)))
    if not superclasses:
        return ConfusionMatrix(counts, predictions.classes)
    if predictions.superclasses is None:
        raise UsageError("these classes belong to no superclasses")
    names, group = np.unique(predictions.superclasses, return_inverse=True)
    member = np.eye(len(names), dtype=np.int64)[group]
    return ConfusionMatrix(member.T @ counts @ member, tuple(names.tolist()))


def near_misses(predictions: Predictions) -> NearMisses | None:
    """The mistakes that stay within the superclass; None where the data knows no superclasses."""
    if predictions.superclasses is None:
        return None
    groups = np.array(predictions.superclasses)
    truth = groups[predictions.labels[~predictions.correct]]
    within = int((groups[predictions.predicted[~predictions.correct]] == truth).sum())
    siblings = (groups == truth[:, None]).sum(axis=1) - 1
    by_chance = float(siblings.mean() / (len(groups) - 1)) if len(truth) else 0.0
    return NearMisses(len(truth), within, by_chance)
