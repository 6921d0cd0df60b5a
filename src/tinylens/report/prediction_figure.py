"""Predictions as a picture: a grid of images with what was said of each, or each beside a bar chart."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from tinylens.data import Dataset
from tinylens.errors import DataError, UsageError
from tinylens.evaluation.predictions import Predictions
from tinylens.lens import Prediction
from tinylens.report.drawing import BLUE, GRID, ORANGE, figure_file
from tinylens.words import percent, shortened

MOST_BARS, MOST_IMAGES = 40, 400  # images in one picture
COLUMNS = 8


def plot_probabilities(
    images: Sequence[UInt8[np.ndarray, "h w 3"]], predictions: Sequence[Prediction], path: str | Path
) -> None:
    """Draw each image beside the probabilities of its classes into a .png, .svg or .pdf file.

    Raises UsageError for another kind of file, for no image or more than one picture can hold, and where there are not
    as many predictions as images.
    """
    if len(images) != len(predictions):
        raise UsageError(f"{path}: each image needs its prediction: {len(images)} and {len(predictions)} were given")
    if not 1 <= len(images) <= MOST_BARS:
        raise UsageError(f"{path}: at least 1 and at most {MOST_BARS} images fit beside their bars, not {len(images)}")
    with figure_file(path, 7.0, 2.3 * len(images)) as figure:
        rows = figure.subplots(len(images), 2, width_ratios=(1, 2), squeeze=False)
        for (left, right), image, prediction in zip(rows, images, predictions, strict=True):
            left.imshow(image, interpolation="nearest")
            left.set_axis_off()
            left.set_title(Path(prediction.file).name, fontsize=9, fontweight="normal", parse_math=False)
            names, values = zip(*reversed(prediction.top), strict=True)
            colours = [GRID] * (len(names) - 1) + [BLUE]
            bars = right.barh(names, values, color=colours)
            right.bar_label(bars, [f"{100 * value:.1f} %" for value in values], padding=4)
            right.set(xlim=(0, 1.18), xticks=[])
            right.grid(visible=False)
            right.spines[["bottom", "left"]].set_visible(False)
            right.tick_params(length=0)


def plot_predictions(predictions: Predictions, dataset: Dataset, indices: Sequence[int], path: str | Path) -> None:
    """Draw images in rows of eight, each with the predicted class, its probability and the truth, into a picture file.

    dataset: the split that the predictions are of. indices: positions in it. Raises UsageError for another kind of
    file than .png, .svg and .pdf, and for no image or more than one picture can hold, and DataError for a dataset
    with other labels.
    """
    if not np.array_equal(predictions.labels, dataset.labels):
        raise DataError(f"the predictions are not of these {dataset.split} images: their labels differ")
    if not 1 <= len(indices) <= MOST_IMAGES:
        raise UsageError(f"{path}: a picture holds 1 to {MOST_IMAGES} images, not {len(indices)}")
    columns = min(COLUMNS, len(indices))
    rows = -(-len(indices) // columns)
    with figure_file(path, max(1.35 * columns, 2.0), 1.85 * rows) as figure:
        places = figure.subplots(rows, columns, squeeze=False).ravel()
        for place in places:
            place.set_axis_off()
        for place, index, image in zip(places, indices, dataset.batch(np.array(indices)), strict=False):
            answer = predictions.answer(index)
            place.imshow(image, interpolation="nearest")
            place.set_title(
                f"{shortened(answer.predicted)}\n{percent(answer.probability)}\ntruth: {shortened(answer.truth)}",
                fontsize=8,
                fontweight="normal",
                loc="center",
                color=BLUE if answer.right else ORANGE,
                parse_math=False,
            )
