"""Judging a run: its lens on one split, with everything that follows written into the run."""

import csv
import io
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from tinylens.conformal import Conformal
from tinylens.data import Dataset, Splits
from tinylens.errors import DataError, TinylensError, UsageError
from tinylens.evaluation.calibration import fit_temperature
from tinylens.evaluation.confusion import ConfusionMatrix, confusion_matrix
from tinylens.evaluation.metrics import Metrics, measure
from tinylens.evaluation.predictions import Predictions, predict
from tinylens.evaluation.robustness import Robustness, measure_robustness
from tinylens.files import write_json, write_text
from tinylens.lens import Lens
from tinylens.runs import Run


def judge(run: Run, split: str, splits: Splits, *, by: str, progress: bool = False) -> Metrics:
    """Predict every image of a split, measure, and write predictions, figures and tables into the run.

    On validation images the lens is calibrated first: temperature and conformal sets are fitted to what it says of
    them, and kept in it. by: who asks; an opening of the test split is recorded under that name, before it is opened.
    Raises UsageError for a split that no run is judged on, and TinylensError for one that this run lacks.
    """
    require_split(run, split)
    dataset = splits[split]
    lens = run.lens
    if split == "test":
        run.record_opening(by)
    began = time.perf_counter()
    predictions = predict(lens, dataset, progress=progress)
    seconds = time.perf_counter() - began
    if split == "validation":
        predictions = calibrated(predictions)
        keep_calibration(run, lens, predictions)
    return record(run, predictions, seconds)


def calibrated(predictions: Predictions) -> Predictions:
    """The predictions with the temperature and the conformal sets that follow from them."""
    warm = replace(predictions, temperature=fit_temperature(predictions.logits, predictions.labels))
    return replace(warm, conformal=Conformal.fitted(warm.probabilities, warm.labels))


def keep_calibration(run: Run, lens: Lens, predictions: Predictions) -> None:
    """Put the calibration of these predictions into the run's lens, and into what the run knows of the test images.

    That is measured anew from what the lens said of them: no image is looked at.
    """
    known = lens.temperature, lens.conformal
    lens.temperature, lens.conformal = predictions.temperature, predictions.conformal
    if known == (lens.temperature, lens.conformal):
        return
    if run.evaluated("test"):
        said = saved_predictions(run, "test")
        record(
            run,
            replace(said, temperature=lens.temperature, conformal=lens.conformal),
            run.metrics("test").get("seconds"),
        )
    run.save_lens(lens)  # last: where it is, all is


def record(run: Run, predictions: Predictions, seconds: float | None) -> Metrics:
    """Measure, and write predictions, figures and tables into the run. seconds: that predicting took; None: unknown."""
    metrics, split = measure(predictions), predictions.split
    folder = run.evaluation(split)
    predictions.save(folder / "predictions.npz")
    write_text(folder / "per_class.csv", per_class_csv(metrics))
    write_text(folder / "confusion.csv", table(confusion_rows(confusion_matrix(predictions))))
    about = {"selected_on": run.recipe.select_on} | ({} if seconds is None else {"seconds": round(seconds, 3)})
    write_json(folder / "metrics.json", metrics.to_json() | about)  # last: where it is, all is
    return metrics


def judge_robustness(run: Run, dataset: Dataset, *, limit: int | None, progress: bool) -> Robustness:
    """Measure the run's lens on corrupted images of a split that it was just judged on, and write it into the run."""
    robustness = measure_robustness(run.lens, dataset, limit=limit, progress=progress)
    file = run.corruptions(dataset.split)
    write_text(file.with_suffix(".csv"), table(robustness.to_rows()))
    write_json(file, robustness.to_json())
    return robustness


def require_split(run: Run, split: str) -> None:
    """Raise UsageError for a split that no run is judged on, and TinylensError for one that this run lacks."""
    if split not in ("validation", "test"):
        raise UsageError(f"a run is judged on validation or test, not on {split!r}")
    if split not in run.manifest.splits:
        raise TinylensError(
            f"{run.path} has no {split} split of its own: it selected on the {run.recipe.select_on} split"
        )


def saved_predictions(run: Run | str | Path, split: str) -> Predictions:
    """The predictions that `judge` left of the validation or test images. run: it, or its directory.

    Raises UsageError for another split, and TinylensError where there are no predictions.
    """
    run = run if isinstance(run, Run) else Run(run)
    require_split(run, split)
    run.require_evaluated(split)
    try:
        return Predictions.load(run.evaluation(split) / "predictions.npz")
    except TinylensError as error:
        raise TinylensError(f"{error}; {run.judging(split)} makes it anew") from None


def require_sound(run: Run, predictions: Predictions, split: str) -> None:
    """Raise DataError where predictions cannot be what the run's lens said of the run's images of that split."""
    known = run.manifest.splits[split]
    images, classes = len(predictions), len(predictions.classes)
    labels = predictions.labels
    why = None
    if predictions.split != split:
        why = f"are of {predictions.split} images, not of {split} images"
    elif predictions.classes != run.manifest.classes:
        why = "have other classes than its data"
    elif predictions.fingerprint != known["fingerprint"]:
        why = f"are of other {split} images than its data"
    elif predictions.logits.shape != (images, classes) or images != known["images"]:
        why = f"are {' x '.join(map(str, predictions.logits.shape))}, not {known['images']} x {classes}"
    elif not np.isfinite(predictions.logits).all():
        why = "hold scores that are not finite"
    elif np.bincount(labels.clip(0), minlength=classes).tolist() != known["counts"]:
        why = "have other labels than its data"
    if why:
        raise DataError(f"{run.path} is damaged: its predictions {why}; {run.judging(split)} makes them anew")


def per_class_csv(metrics: Metrics) -> str:
    """A row for each class."""
    rows = [[c.name, f"{c.precision:.6f}", f"{c.recall:.6f}", f"{c.f1:.6f}", c.images] for c in metrics.per_class]
    return table([["class", "precision", "recall", "f1", "images"], *rows])


def confusion_rows(matrix: ConfusionMatrix, *, normalise: bool = False) -> list[list[object]]:
    """A row for each true class, a column for each predicted one, with headings. normalise: shares of the row."""
    values = matrix.shares.round(6).tolist() if normalise else matrix.counts.tolist()
    rows = [[name, *row] for name, row in zip(matrix.names, values, strict=True)]
    return [["truth \\ predicted", *matrix.names], *rows]


def table(rows: list[list[object]]) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
