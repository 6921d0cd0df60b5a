"""Contact sheets hold the images that they say they hold."""

from pathlib import Path

import numpy as np
from PIL import Image

from tinylens.data import Splits
from tinylens.report.contact_sheet import SIDE, contact_sheet, half_blocks
from tinylens.report.thumbnails import spread


def test_each_row_shows_images_of_its_class(digits: Splits, tmp_path: Path) -> None:
    rows = spread(digits.train, 5, seed=3)
    assert [len(row) for row in rows] == [5] * 10
    assert all((digits.train.labels[row] == label).all() for label, row in enumerate(rows))


def test_the_sheet_holds_the_images_pixel_by_pixel(digits: Splits, tmp_path: Path) -> None:
    contact_sheet(digits.train, tmp_path / "sheet.png", per_class=2, random=0, seed=3)
    sheet = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB"))
    first = digits.train.batch(spread(digits.train, 2, seed=3)[0][:1])[0]
    wanted = first.repeat(SIDE // 32, axis=0).repeat(SIDE // 32, axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(sheet[:150], (SIDE, SIDE, 3))[:, :, 0]
    assert any((window == wanted).all() for row in windows for window in row)


def test_half_blocks_hold_two_pixels_a_character() -> None:
    image = np.zeros((4, 3, 3), dtype=np.uint8)
    image[0, 0] = (1, 2, 3)
    lines = half_blocks(image)
    assert len(lines) == 2
    assert lines[0].count("▀") == 3
    assert lines[0].startswith("[rgb(1,2,3) on rgb(0,0,0)]")
