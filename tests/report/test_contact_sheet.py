"""Contact sheets hold the images that they say they hold."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinylens.data import Splits
from tinylens.errors import UsageError
from tinylens.report.contact_sheet import GAP, LARGE, LETTERS, SIDE, contact_sheet, half_blocks, image_grid
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


def test_without_a_seed_the_first_images_are_taken(digits: Splits) -> None:
    for label, row in enumerate(spread(digits.train, 3, seed=None)):
        assert row.tolist() == np.flatnonzero(digits.train.labels == label)[:3].tolist()


def test_a_grid_holds_its_images_in_rows_and_columns(digits: Splits, tmp_path: Path) -> None:
    shown = image_grid(digits.train, tmp_path / "grid.png", rows=2, columns=5, seed=None)
    assert shown == list(range(10))
    grid = np.asarray(Image.open(tmp_path / "grid.png").convert("RGB"))
    wide, high = LARGE + 2 * GAP, LARGE + LETTERS + 3 * GAP
    assert grid.shape == (2 * high, 5 * wide, 3)
    for index in shown:
        x, y = index % 5 * wide + GAP, index // 5 * high + GAP
        wanted = digits.train.batch(np.array([index]))[0].repeat(LARGE // 32, axis=0).repeat(LARGE // 32, axis=1)
        assert (grid[y : y + LARGE, x : x + LARGE] == wanted).all()
        assert (grid[y + LARGE : y + high - GAP, x : x + LARGE] < 128).any()  # its name
    drawn = image_grid(digits.train, tmp_path / "grid.png", rows=4, columns=4, seed=3)
    assert drawn != shown
    assert drawn == image_grid(digits.train, tmp_path / "again.png", rows=4, columns=4, seed=3)


def test_a_grid_of_too_many_images_is_refused(digits: Splits, tmp_path: Path) -> None:
    for rows, columns in ((51, 50), (0, 5)):
        with pytest.raises(UsageError, match=f"a grid holds 1 to 2,500 images, not {rows}x{columns}"):
            image_grid(digits.train, tmp_path / "grid.png", rows=rows, columns=columns)


def test_each_mistake_is_said_by_itself(digits: Splits, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    with pytest.raises(UsageError, match="per_class 0: must be at least 1"):
        contact_sheet(digits.train, path, per_class=0)
    with pytest.raises(UsageError, match="random -1: must be at least 0"):
        contact_sheet(digits.train, path, random=-1)
    with pytest.raises(UsageError, match="seed -1: must be at least 0"):
        contact_sheet(digits.train, path, seed=-1)
    with pytest.raises(UsageError, match="seed -1: must be at least 0"):
        image_grid(digits.train, path, seed=-1)
    with pytest.raises(UsageError, match=r"sheet\.jpg: images are written as a \.png file"):
        image_grid(digits.train, tmp_path / "sheet.jpg")
    with pytest.raises(UsageError, match=r"there is no folder .*nowhere"):
        contact_sheet(digits.train, tmp_path / "nowhere" / "sheet.png")
    assert not list(tmp_path.iterdir())


def test_half_blocks_hold_two_pixels_a_character() -> None:
    image = np.zeros((4, 3, 3), dtype=np.uint8)
    image[0, 0] = (1, 2, 3)
    lines = half_blocks(image)
    assert len(lines) == 2
    assert lines[0].count("▀") == 3
    assert lines[0].startswith("[rgb(1,2,3) on rgb(0,0,0)]")
