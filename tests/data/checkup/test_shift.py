"""Splits that were made in different ways are told from splits that were drawn."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from tests.data.checkup.samples import fill

from tinylens.data import Dataset, Splits
from tinylens.data.checkup.checks import shift
from tinylens.data.checkup.observation import Observation
from tinylens.data.checkup.survey import of_splits, survey

BOTH = {"train/cat": 24, "train/dog": 24, "test/cat": 18, "test/dog": 18}


def told(found: Observation | None, split: str = "test") -> set[str]:
    """The cues that tell a split from the first."""
    assert found is not None
    figures = dict(found.facts)[split]
    far = {name for name, one in figures.items() if one["interval"][0] > shift.FAR}
    assert (found.severity == "warning") == bool(far)
    return far


def test_splits_that_were_drawn_are_alike(tmp_path: Path) -> None:
    assert told(shift.check(survey(fill(tmp_path / "drawn", BOTH)))) == set()


@pytest.mark.parametrize(
    ("change", "cues"),
    [
        (lambda image: image.resize((48, 48)), {"width and height"}),
        (lambda image: image.convert("L"), {"grey or coloured", "kind of file"}),
        (lambda image: ImageEnhance.Brightness(image).enhance(3), {"mean brightness"}),
    ],
)
def test_test_images_that_were_made_otherwise_are_told(change, cues: set[str], tmp_path: Path) -> None:
    root = fill(tmp_path / "other", BOTH)
    for file in sorted(root.glob("test/*/*.png")):
        with Image.open(file) as image:
            changed = change(image)
        changed.save(file)
    found = shift.check(survey(root))
    assert cues <= told(found)
    assert found is not None
    assert found.found.startswith("test images are told from train images by ")


def test_like_images_that_stay_together_are_no_shift() -> None:
    generator = np.random.default_rng(0)
    levels = generator.integers(40, 215, (120, 1, 1, 1)) + generator.integers(-3, 4, (120, 5, 1, 1))
    store = np.broadcast_to(levels.reshape(600, 1, 1, 1), (600, 16, 16, 3)).astype(np.uint8)
    store = store + generator.integers(0, 40, store.shape, dtype=np.uint8)
    labels = np.arange(600) // 5 % 2
    parts = (Dataset(store, rows, labels[rows], ("a", "b"), name)
             for rows, name in zip(np.split(np.arange(600), [400]), ("train", "test"), strict=True))  # fmt: skip
    assert told(shift.check(of_splits(Splits("bursts", *parts)))) == set()


def test_few_images_and_one_split_are_not_judged(tmp_path: Path) -> None:
    assert shift.check(survey(fill(tmp_path / "few", {"train/cat": 20, "train/dog": 20, "test/cat": 9}))) is None
