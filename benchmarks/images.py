"""The images that both sides train on: one .npz file a data set, so that a peer needs nothing of Tinylens."""

from pathlib import Path

import numpy as np

from tinylens.data import load_data
from tinylens.data.sources import known
from tinylens.errors import DataError, one_line

TRAINING, TEST = 20_000, 1000  # images


def write_images(name: str, file: Path, data_dir: Path | None) -> str:
    """Write images of a data set known by name, or noise of their shape where it is not here; what they are.

    file: an .npz file with x_train, y_train, x_test, y_test. data_dir: where to look for the data set first.
    """
    try:
        splits = load_data(name, data_dir=data_dir)
    except DataError as error:
        classes = known()[name].classes
        write(file, noise(TRAINING, classes), noise(TEST, classes))
        return f"{TRAINING:,} of noise in the shape of {name}, which is not here ({one_line(error)})"
    train, test = splits.train.sample(TRAINING, 0), splits.test.sample(TEST, 0)
    write(file, (train.images, train.labels), (test.images, test.labels))
    return f"{len(train):,} training images of {name} ({splits.verified})"


def noise(count: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise of 32x32 pixels, the classes in turn."""
    images = np.random.default_rng(count).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    return images, np.arange(count) % classes


def write(file: Path, train: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray]) -> None:
    """Write images and labels of both splits, as Keras names them."""
    np.savez(file, x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1])
