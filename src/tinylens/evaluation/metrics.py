"""The figures of a classifier, each from its predictions."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from tinylens.evaluation.confusion import Confusion, confusion_matrix, near_misses
from tinylens.evaluation.predictions import Predictions
from tinylens.evaluation.statistics import wilson_interval
from tinylens.networks.outputs import top_k_correct

Interval = tuple[float, float]


@dataclass(frozen=True)
class ClassFigures:
    """Precision, recall, F1 and number of images of one class, or of all classes on average."""

    name: str
    precision: float
    recall: float
    f1: float
    images: int


@dataclass(frozen=True)
class Metrics:
    """All figures of one lens on one split. Intervals are 95 % Wilson intervals; shares are in 0 .. 1.

    loss: mean cross-entropy in nats. confusion: rows are the true classes, columns the predicted ones.
    top5 counts an image as right where its class is among the five most probable; None where there are no more than
    five. calibration_error: 15 bins. calibration_floor: what a perfectly calibrated lens, as sure of as many images,
    would show on average, since the bins are never filled evenly. loss and calibration use the temperature.
    superclass_accuracy: the predicted class lies in the right superclass; None where the data knows none.
    macro_average, weighted_average: of the classes' figures, each class counted alike or by its images.
    """

    split: str
    images: int
    loss: float
    accuracy: float
    interval: Interval
    top5: float | None
    top5_interval: Interval | None
    calibration_error: float
    calibration_floor: float
    superclass_accuracy: float | None
    superclass_interval: Interval | None
    per_class: tuple[ClassFigures, ...]
    macro_average: ClassFigures
    weighted_average: ClassFigures
    confusion: tuple[tuple[int, ...], ...]
    most_confused: tuple[Confusion, ...]

    @property
    def macro_f1(self) -> float:
        """The plain mean of the classes' F1."""
        return self.macro_average.f1

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file; each confusion also in words."""
        words = [asdict(pair) | {"words": pair.words} for pair in self.most_confused]
        return asdict(self) | {"macro_f1": self.macro_f1, "most_confused": words}


def measure(predictions: Predictions) -> Metrics:
    """Every figure of these predictions."""
    logits, labels = torch.from_numpy(predictions.logits), torch.from_numpy(predictions.labels).long()
    count = len(predictions)
    right = int(predictions.correct.sum())
    scaled = logits / predictions.temperature
    among_five = top_k_correct(logits, labels, 5) if len(predictions.classes) > 5 else None
    matrix = confusion_matrix(predictions)
    figures = class_figures(predictions)
    near = near_misses(predictions)
    grouped = None if near is None else right + near.within
    return Metrics(
        split=predictions.split,
        images=count,
        loss=F.cross_entropy(scaled, labels).item(),
        accuracy=right / count,
        interval=wilson_interval(right, count),
        top5=None if among_five is None else among_five / count,
        top5_interval=None if among_five is None else wilson_interval(among_five, count),
        calibration_error=expected_calibration_error(scaled, labels),
        calibration_floor=calibration_floor(scaled),
        superclass_accuracy=None if grouped is None else grouped / count,
        superclass_interval=None if grouped is None else wilson_interval(grouped, count),
        per_class=figures,
        macro_average=average("macro avg", figures, np.ones(len(figures))),
        weighted_average=average("weighted avg", figures, np.array([figure.images for figure in figures])),
        confusion=tuple(map(tuple, matrix.counts.tolist())),
        most_confused=matrix.most_confused(),
    )


def class_figures(predictions: Predictions) -> tuple[ClassFigures, ...]:
    """Precision, recall and F1 of each class; 0 where a class was never predicted."""
    from sklearn.metrics import precision_recall_fscore_support

    columns = precision_recall_fscore_support(
        predictions.labels, predictions.predicted, labels=np.arange(len(predictions.classes)), zero_division=0
    )
    rows = zip(predictions.classes, *columns, strict=True)
    return tuple(ClassFigures(name, float(p), float(r), float(f), int(n)) for name, p, r, f, n in rows)


def average(name: str, figures: tuple[ClassFigures, ...], weights: np.ndarray) -> ClassFigures:
    """The mean of the classes' figures with a weight for each class, and the images of all."""
    table = np.array([(figure.precision, figure.recall, figure.f1) for figure in figures])
    precision, recall, f1 = np.average(table, axis=0, weights=weights).tolist()
    return ClassFigures(name, precision, recall, f1, sum(figure.images for figure in figures))


def expected_calibration_error(logits: Float[Tensor, "n k"], labels: Int[Tensor, "n"], *, num_bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equal-width confidence bins, in [0, 1].

    logits: raw scores, before softmax. labels: class indices, 0 .. k-1.
    Raises ValueError where n is 0 or num_bins is below 1.
    Source: Guo et al. 2017, On Calibration of Modern Neural Networks, eq. 3.
    """
    if len(labels) == 0 or num_bins < 1:
        raise ValueError("calibration needs at least one image and one bin")
    confidence, predicted = logits.softmax(dim=1).max(dim=1)
    return binned_gap(confidence, (predicted == labels).double(), num_bins)


def calibration_floor(logits: Float[Tensor, "n k"], *, num_bins: int = 15, draws: int = 100) -> float:
    """The calibration error that these confidences would show on average were they exactly right, in [0, 1].

    It is above 0, and the higher the fewer images there are: the bias of the binned estimate.
    Labels are drawn from the confidences `draws` times, always the same way.
    """
    confidence = logits.softmax(dim=1).amax(dim=1)
    generator = torch.Generator().manual_seed(0)
    right = (torch.bernoulli(confidence, generator=generator).double() for _ in range(draws))
    return float(np.mean([binned_gap(confidence, one, num_bins) for one in right]))


def binned_gap(confidence: Float[Tensor, "n"], right: Float[Tensor, "n"], num_bins: int) -> float:
    """The mean over images of the gap between confidence and accuracy in the image's bin."""
    gap = right - confidence.double()
    bins = (confidence * num_bins).ceil().long().clamp(1, num_bins) - 1  # bin m holds ((m - 1) / M, m / M]
    return float(torch.zeros(num_bins, dtype=torch.float64).index_add_(0, bins, gap).abs().sum() / len(gap))
