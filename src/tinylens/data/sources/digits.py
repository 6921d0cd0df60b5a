"""Handwritten digits that come with scikit-learn: real, on board, and small enough to train on in seconds.

Source: Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, UCI; 1,797 images of 8x8 pixels with
17 levels of grey. They are enlarged to the size asked for as any picture is, and repeated in three channels. 500 of
them, stratified and always the same ones, are the test split: other digits, but by the same writers.
"""

from pathlib import Path

import numpy as np

from tinylens.data.dataset import Dataset, Splits, cut_off
from tinylens.data.pictures import resized_all
from tinylens.data.sources import Known, Request

NAMES = {"digits": Known("1,797 handwritten digits, on board (scikit-learn)", 10)}
TEST_IMAGES = 500


def claims(name: str) -> bool:
    """Whether the name is this source's."""
    return name in NAMES


def found(name: str, folders: tuple[Path, ...]) -> str | None:
    """Where the data is: it is always on board."""
    return "scikit-learn, on board"


def load(request: Request) -> Splits:
    """The digits as uint8 RGB images of the size asked for."""
    from sklearn.datasets import load_digits

    grey, labels = load_digits(return_X_y=True)
    levels = np.round(grey.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    side = request.image_size
    enlarged = resized_all(levels[..., None].repeat(3, axis=3), (side, side), request.resize)
    classes = tuple("0123456789")
    every = Dataset(enlarged, np.arange(len(enlarged)), labels.astype(np.int64), classes, "train")
    train, test = cut_off(every, TEST_IMAGES / len(every), 0, "test", request.name)
    return Splits(
        request.name,
        train,
        test,
        origin="scikit-learn, sklearn.datasets.load_digits",
        verified="shipped with scikit-learn",
        notes=(
            f"8x8 pixels enlarged to {side}x{side}",
            f"{TEST_IMAGES} images cut off for the test, always the same ones",
        ),
    )
