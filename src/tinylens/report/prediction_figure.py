"""Predictions as a picture: each image beside a bar chart of its probabilities."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from tinylens.errors import UsageError
from tinylens.files import replacing
from tinylens.lens import Prediction
from tinylens.report.drawing import BLUE, GRID, new_figure

SUFFIXES = ("png", "svg", "pdf")
MOST = 40  # images in one picture


def save_predictions(
    path: Path, images: Sequence[UInt8[np.ndarray, "h w 3"]], predictions: Sequence[Prediction]
) -> None:
    """Draw each image beside the probabilities of its classes into a .png, .svg or .pdf file.

    Raises UsageError for another kind of file or for more images than one picture can hold.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in SUFFIXES:
        raise UsageError(f"--plot {path}: a picture can be {', '.join('.' + s for s in SUFFIXES)}")
    if not path.parent.is_dir():
        raise UsageError(f"--plot {path}: there is no folder {path.parent}")
    if len(images) > MOST:
        raise UsageError(f"--plot draws at most {MOST} images in one picture, not {len(images)}")
    with new_figure(7.0, 2.3 * len(images)) as figure:
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
        with replacing(path) as file:
            figure.savefig(file, format=kind, dpi=150)
