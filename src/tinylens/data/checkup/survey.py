"""Survey: all that there is of a data set, faults included, where loading it for training would refuse."""

import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from tinylens.data import load_data
from tinylens.data.checkup.copies import FEW, Copies, find_copies
from tinylens.data.checkup.cues import Cues, cues_of
from tinylens.data.dataset import BATCH, Dataset, Splits, cut_off
from tinylens.data.decoding import decode_once
from tinylens.data.pictures import Header, printable, read_header
from tinylens.data.sources import folder, known
from tinylens.errors import DataError

PIXELS = BATCH * 32 * 32  # read at a time: 50 MB as floats of three channels


@dataclass(frozen=True)
class Pictures:
    """The files of a folder, in the order of the store. headers: None where a file cannot be read at all."""

    names: list[str]
    sizes: Int[np.ndarray, " m"]
    headers: list[Header | None]


@dataclass(frozen=True, eq=False)
class Survey:
    """What is checked. A position counts the images of all splits, one split after the other.

    splits: as a training would have them; of a class there may be no image. pictures: the files, where it is a folder.
    missing: splits that training needs and that have no image. bad: pictures that cannot be used, each with the reason.
    misnamed: pictures that are what their names do not say.
    """

    name: str
    origin: str
    splits: dict[str, Dataset]
    pictures: Pictures | None = None
    bad: tuple[tuple[str, str], ...] = ()
    misnamed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, in the order of the labels."""
        return next(iter(self.splits.values())).classes

    @cached_property
    def labels(self) -> Int[np.ndarray, " n"]:
        """The class of the image at each position."""
        return np.concatenate([split.labels for split in self.splits.values()])

    @cached_property
    def starts(self) -> Int[np.ndarray, " s"]:
        """The position of the first image of each split."""
        lengths = [len(split) for split in self.splits.values()]
        return np.cumsum([0, *lengths[:-1]])

    @cached_property
    def owners(self) -> Int[np.ndarray, " n"]:
        """Which of the splits, by number, has the image at each position."""
        return np.repeat(np.arange(len(self.splits)), [len(split) for split in self.splits.values()])

    @cached_property
    def rows(self) -> Int[np.ndarray, " n"]:
        """Which row of its store, and so which file of a folder, is at each position."""
        return np.concatenate([split.rows for split in self.splits.values()])

    @property
    def at_a_time(self) -> int:
        """How many images are read at a time: fewer where they are large."""
        height, width = next(iter(self.splits.values())).image_size
        return max(1, PIXELS // (height * width))

    def batches(self) -> Iterator[UInt8[np.ndarray, "b h w 3"]]:
        """All images in order, some at a time."""
        for split in self.splits.values():
            yield from split.batches(self.at_a_time)

    def images(self, positions: Int[np.ndarray, " b"]) -> UInt8[np.ndarray, "b h w 3"]:
        """The images at these positions."""
        first = next(iter(self.splits.values()))
        found = np.empty((len(positions), *first.image_size, 3), dtype=np.uint8)
        for number, split in enumerate(self.splits.values()):
            own = self.owners[positions] == number
            found[own] = split.batch(positions[own] - self.starts[number])
        return found

    @cached_property
    def copies(self) -> Copies:
        """Which images are copies of which, in all splits. Compared once, which takes the longest of all."""
        return find_copies(self.batches(), shifts=len(self) <= FEW)

    @cached_property
    def cues(self) -> Cues:
        """What is beside the picture in one image of each group of copies."""
        return cues_of(self)

    def place(self, position: int) -> tuple[Dataset, int]:
        """The split of an image, and its index in that."""
        number = int(self.owners[position])
        return list(self.splits.values())[number], int(position - self.starts[number])

    def label(self, position: int) -> str:
        """The name of an image's class."""
        return self.classes[int(self.labels[position])]

    def file(self, position: int) -> str | None:
        """The path of an image's file within its folder, on one line; None where it has none."""
        return None if self.pictures is None else printable(self.pictures.names[int(self.rows[position])])

    def called(self, position: int) -> str:
        """What an image is called: its file, or its split with its index from 0."""
        split, index = self.place(position)
        return self.file(position) or f"{split.split} {index}"


def survey(name: str | Path, *, image_size: int = 32, data_dir: str | Path | None = None) -> Survey:
    """Look a data set over: a name that `tinylens data list` prints, a folder of pictures, or an .npz file.

    A folder is taken as it is: unreadable pictures and classes without any are noted, not refused. Raises DataError
    where there is nothing to look at, and UsageError for an unknown name.
    """
    place = Path(name).expanduser() if str(name).startswith("~") else Path(name)
    if str(name) not in ("", *known()) and folder.claims(str(place)) and image_size >= 1:
        return survey_folder(place, str(name), image_size)
    return of_splits(load_data(name, image_size=image_size, data_dir=data_dir))


def of_splits(splits: Splits) -> Survey:
    """The survey of data that is loaded already, of whose files nothing is known."""
    return Survey(printable(splits.name), printable(splits.origin), splits.all(), notes=splits.notes)


def survey_folder(root: Path, name: str, image_size: int) -> Survey:
    """Look a folder of pictures over."""
    places, unused = folder.class_folders(root)
    listing = folder.list_pictures(root, places)
    if not listing.names:
        raise DataError(f"{printable(str(root))}: no pictures in its {len(places)} class folders")
    decoded = decode_once(root, listing.names, listing.stamps, image_size, "crop")
    notes = folder.leftovers(unused, listing.others)
    splits = {split: found for split, found in folder.datasets(listing, decoded).items() if len(found)}
    if not splits:
        name, what = decoded.bad[0]
        raise DataError(f"{printable(str(root))}: none of {len(listing.names)} pictures can be used: {name} {what}")
    train = splits.get("train")
    folders = {place.split for place in places}
    if "test" not in folders and train is not None and (train.class_counts() >= 2).all():
        splits["train"], splits["test"] = cut_off(train, folder.TEST_SHARE, 0, "test", name)
        notes.append(f"no test folder: as in training, {folder.TEST_SHARE:.0%} of the images are cut off for the test")
    elif "test" not in folders:
        notes.append("no test folder, and too few images of a class to cut one off")
    with warnings.catch_warnings(), ThreadPoolExecutor() as pool:
        warnings.simplefilter("ignore")  # what is odd was said when they were decoded
        headers = list(pool.map(lambda file: read_header(root / file), listing.names))
    pictures = Pictures(listing.names, np.array([stamp[0] for stamp in listing.stamps]), headers)
    order = ("train", "validation", "test")
    needed = folders | {"train", "test"}
    return Survey(
        printable(name),
        printable(str(root.resolve())),
        {split: splits[split] for split in order if split in splits},
        pictures,
        tuple(decoded.bad),
        tuple(decoded.misnamed),
        tuple(notes),
        tuple(split for split in order if split in needed and split not in splits),
    )
