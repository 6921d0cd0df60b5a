"""The images that all sides work on: one .npz file a data set, so that a peer needs nothing of Tinylens."""

from pathlib import Path

import numpy as np
from PIL import Image

from tinylens.data import Dataset, load_data
from tinylens.data.sources import known
from tinylens.errors import DataError, one_line

TRAINING, TEST = 20_000, 1000  # images, where speed is measured
VALIDATION = 1000  # images cut off the training images in a folder


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


def write_whole(name: str, file: Path, folder: Path, data_dir: Path | None) -> str:
    """Write all images of a data set, for learning: into a file, and as pictures in folders; what they are.

    file: an .npz file as above. folder: for train, val (some images cut off the training images) and test, each with a
    folder a class. Raises DataError where the data set is not here: noise teaches nothing.
    """
    splits = load_data(name, data_dir=data_dir)
    write(file, (splits.train.images, splits.train.labels), (splits.test.images, splits.test.labels))
    apart = splits.with_validation(VALIDATION / len(splits.train), 0)
    for split, place in {"train": "train", "validation": "val", "test": "test"}.items():
        write_pictures(apart[split], folder / place)
    return f"{len(splits.train):,} training and {len(splits.test):,} test images of {name} ({splits.verified})"


def write_pictures(dataset: Dataset, folder: Path) -> None:
    """A PNG file for each image, in a folder for its class; the number of a class is before its name, so that
    alphabetical order is theirs.
    """
    places = [folder / f"{number}-{name}" for number, name in enumerate(dataset.classes)]
    for place in places:
        place.mkdir(parents=True)
    for number, (image, label) in enumerate(zip(dataset.images, dataset.labels, strict=True)):
        Image.fromarray(image).save(places[label] / f"{number}.png", compress_level=1)


def noise(count: int, classes: int, side: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Noise of so many pixels a side, the classes in turn."""
    images = np.random.default_rng(count).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    return images, np.arange(count) % classes


def write(file: Path, train: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray]) -> None:
    """Write images and labels of both splits, as Keras names them."""
    np.savez(file, x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1])
