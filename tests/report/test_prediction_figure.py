"""Predictions as a picture."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinylens.data import Splits
from tinylens.errors import DataError, UsageError
from tinylens.evaluation.predictions import Predictions
from tinylens.lens import Prediction
from tinylens.report.prediction_figure import MOST_BARS, plot_predictions, plot_probabilities

ONE = Prediction("cat.png", (("cat", 0.7), ("dog", 0.2), ("bird", 0.1)))
PICTURE = np.full((32, 32, 3), 200, dtype=np.uint8)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_one_row_an_image(tmp_path: Path, suffix: str) -> None:
    plot_probabilities([PICTURE] * 2, [ONE] * 2, tmp_path / f"out.{suffix}")
    assert (tmp_path / f"out.{suffix}").stat().st_size > 1000
    if suffix == "png":
        with Image.open(tmp_path / "out.png") as drawn:
            assert drawn.height == 690


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a picture can be"):
        plot_probabilities([PICTURE], [ONE], tmp_path / "out.doc")
    with pytest.raises(UsageError, match=f"at most {MOST_BARS}"):
        plot_probabilities([PICTURE] * (MOST_BARS + 1), [ONE] * (MOST_BARS + 1), tmp_path / "out.png")
    with pytest.raises(UsageError, match=f"at least 1 and at most {MOST_BARS} images"):
        plot_probabilities([], [], tmp_path / "out.png")
    with pytest.raises(UsageError, match="each image needs its prediction: 2 and 1 were given"):
        plot_probabilities([PICTURE] * 2, [ONE], tmp_path / "out.png")
    assert not list(tmp_path.iterdir())


def test_a_grid_says_of_each_image_what_was_said_of_it(digits: Splits, tmp_path: Path) -> None:
    logits = np.eye(10, dtype=np.float32)[np.zeros(len(digits.test), dtype=int)] * 3  # 0, always
    predictions = Predictions(logits, digits.test.labels, digits.classes, "test", "f")
    plot_predictions(predictions, digits.test, [0, 5, 7], tmp_path / "grid.svg")
    drawn = (tmp_path / "grid.svg").read_text()
    assert drawn.count("<image") == 3
    for index in (0, 5, 7):
        assert f"truth: {digits.classes[digits.test.labels[index]]}" in drawn
    assert f"{100 * predictions.probabilities[0, 0]:.1f}" in drawn
    plot_predictions(predictions, digits.test, range(16), tmp_path / "grid.png")
    with Image.open(tmp_path / "grid.png") as picture:
        assert picture.width > 2 * picture.height  # two rows of eight


def test_a_grid_of_nothing_or_of_other_images_is_refused(digits: Splits, tmp_path: Path) -> None:
    predictions = Predictions(np.zeros((2, 10), np.float32), np.array([1, 2]), digits.classes, "test", "f")
    with pytest.raises(DataError, match="not of these test images"):
        plot_predictions(predictions, digits.test, [0], tmp_path / "grid.png")
    same = Predictions(np.zeros((len(digits.test), 10), np.float32), digits.test.labels, digits.classes, "test", "f")
    with pytest.raises(UsageError, match="1 to 400 images, not 0"):
        plot_predictions(same, digits.test, [], tmp_path / "grid.png")
