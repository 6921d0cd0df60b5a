"""Predictions as a picture."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinylens.errors import UsageError
from tinylens.lens import Prediction
from tinylens.report.prediction_figure import MOST, save_predictions

ONE = Prediction("cat.png", (("cat", 0.7), ("dog", 0.2), ("bird", 0.1)))
PICTURE = np.full((32, 32, 3), 200, dtype=np.uint8)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_one_row_an_image(tmp_path: Path, suffix: str) -> None:
    save_predictions(tmp_path / f"out.{suffix}", [PICTURE] * 2, [ONE] * 2)
    assert (tmp_path / f"out.{suffix}").stat().st_size > 1000
    if suffix == "png":
        with Image.open(tmp_path / "out.png") as drawn:
            assert drawn.height == 690


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a picture can be"):
        save_predictions(tmp_path / "out.doc", [PICTURE], [ONE])
    with pytest.raises(UsageError, match=f"at most {MOST}"):
        save_predictions(tmp_path / "out.png", [PICTURE] * (MOST + 1), [ONE] * (MOST + 1))
    assert not list(tmp_path.iterdir())
