"""The figures of a classifier, each from its predictions."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from tinylens.evaluation.abstaining import risk_coverage
from tinylens.evaluation.bootstrap import bootstrap, macro_f1_of, percentiles
from tinylens.evaluation.calibration import calibration_floor, calibration_interval, expected_calibration_error
from tinylens.evaluation.confusion import Confusion, confusion_matrix, near_misses
from tinylens.evaluation.predictions import Predictions
from tinylens.evaluation.statistics import wilson_interval
from tinylens.networks.outputs import top_k_correct

Interval = tuple[float, float]
COVERAGES = 0.8, 0.9, 0.95, 0.99  # of the conformal sets that are measured


@dataclass(frozen=True)
class ClassFigures:
    """Precision, recall, F1 and number of images of one class, or of all classes on average."""

    name: str
    precision: float
    recall: float
    f1: float
    images: int


@dataclass(frozen=True)
class SetFigures:
    """What conformal sets came to.

    asked: the coverage asked for. covered: the share of images whose class is in their set, with its 95 % Wilson
    interval. size: classes in a set, on average. single, empty: the share of sets with one class, and with none.
    """

    asked: float
    covered: float
    interval: Interval
    size: float
    single: float
    empty: float


@dataclass(frozen=True)
class Metrics:
    """All figures of one lens on one split; shares are in 0 .. 1. Intervals are 95 % intervals: Wilson's of shares, and
    of macro F1 and the calibration error those of a stratified bootstrap.

    loss: mean cross-entropy in nats. confusion: rows are the true classes, columns the predicted ones.
    top5 counts an image as right where its class is among the five most probable; None where there are no more than
    five. calibration_error: 15 bins. calibration_floor: what a perfectly calibrated lens, as sure of as many images,
    would show on average, since the bins are never filled evenly. loss and calibration use the temperature, of which 1
    leaves the logits as they are: calibration_before is the error with that. risk_area: the mean share of mistakes
    where only the surest images are answered, over all shares of images (AURC). sets: of the coverages 0.8, 0.9, 0.95
    and 0.99; None where no validation images are there to fit them on.
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
    calibration_interval: Interval
    calibration_floor: float
    calibration_before: float
    temperature: float
    risk_area: float
    sets: tuple[SetFigures, ...] | None
    superclass_accuracy: float | None
    superclass_interval: Interval | None
    per_class: tuple[ClassFigures, ...]
    macro_average: ClassFigures
    weighted_average: ClassFigures
    macro_f1_interval: Interval
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
        calibration_interval=calibration_interval(scaled, labels),
        calibration_floor=calibration_floor(scaled),
        calibration_before=expected_calibration_error(logits, labels),
        temperature=predictions.temperature,
        risk_area=risk_coverage(predictions.confidence, predictions.correct).area,
        sets=set_figures(predictions),
        superclass_accuracy=None if grouped is None else grouped / count,
        superclass_interval=None if grouped is None else wilson_interval(grouped, count),
        per_class=figures,
        macro_average=average("macro avg", figures, np.ones(len(figures))),
        weighted_average=average("weighted avg", figures, np.array([figure.images for figure in figures])),
        macro_f1_interval=macro_f1_interval(predictions),
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


def macro_f1_interval(predictions: Predictions) -> Interval:
    """The 95 % interval of the plain mean of the classes' F1, by a stratified bootstrap."""
    statistic = macro_f1_of(predictions.labels, predictions.predicted, len(predictions.classes))
    low, high = percentiles(bootstrap(statistic, predictions.labels))
    return float(low), float(high)


def set_figures(predictions: Predictions) -> tuple[SetFigures, ...] | None:
    """What the conformal sets of some coverages came to; None where none were fitted."""
    conformal = predictions.conformal
    if conformal is None:
        return None
    found, count = [], len(predictions)
    for asked in COVERAGES:
        told = conformal.sets(predictions.probabilities, asked)
        sizes = told.sum(axis=1)
        held = int(told[np.arange(count), predictions.labels].sum())
        shares = float(sizes.mean()), float((sizes == 1).mean()), float((sizes == 0).mean())
        found.append(SetFigures(asked, held / count, wilson_interval(held, count), *shares))
    return tuple(found)
