"""The confusion matrix as a picture: a number in each cell that has images, large enough to be read."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinylens.errors import UsageError
from tinylens.evaluation.confusion import ConfusionMatrix
from tinylens.report.confusion_figure import percent_of_row, plot_confusion, strengths

SMALL = ConfusionMatrix(
    np.array([[38, 2, 0], [5, 14, 1], [0, 0, 0]]), ("$cat$", "dog", "a name that is really far too long")
)


@pytest.mark.parametrize(
    ("normalise", "written"), [(False, ["38", "2", "5", "14", "1"]), (True, ["95", "5.0", "25", "70", "5.0"])]
)
def test_each_cell_with_images_has_its_number(tmp_path: Path, normalise: bool, written: list[str]) -> None:
    plot_confusion(SMALL, tmp_path / "m.svg", normalise=normalise)
    texts = re.findall(r"<!-- (.*?) -->", (tmp_path / "m.svg").read_text())
    assert [text for text in texts if re.fullmatch(r"[\d.]+", text)] == written
    assert {"$cat$", "dog"} <= set(texts)


def test_a_hundred_classes_get_room_for_their_numbers(tmp_path: Path) -> None:
    counts = np.diag(np.full(100, 60)) + np.eye(100, k=1, dtype=np.int64)
    plot_confusion(ConfusionMatrix(counts, tuple(f"class {i}" for i in range(100))), tmp_path / "m.png")
    with Image.open(tmp_path / "m.png") as drawn:
        assert min(drawn.size) > 100 * 36  # pixels a cell
    too_many = ConfusionMatrix(np.eye(201, dtype=np.int64), tuple(map(str, range(201))))
    with pytest.raises(UsageError, match="at most 200 classes"):
        plot_confusion(too_many, tmp_path / "m.png")


def test_the_colour_is_stronger_the_larger_the_share() -> None:
    strength = strengths(SMALL)
    assert strength[0, 0] == pytest.approx(0.95)
    assert strength[1, 0] == 1.0  # the worst mistake
    assert 0 < strength[0, 1] < strength[1, 0]
    assert strength[2].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("share", "text"), [(0.002, "0.2"), (0.0994, "9.9"), (0.0996, "10"), (0.704, "70"), (1.0, "100")]
)
def test_percent_takes_little_room(share: float, text: str) -> None:
    assert percent_of_row(share) == text
