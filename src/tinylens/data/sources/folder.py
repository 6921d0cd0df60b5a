"""A folder of pictures: train/<class>/*, test/<class>/*, val/<class>/*, or plain <class>/*.

A split that the folder does not have is cut off the training images, stratified, always the same ones.
Classes are in natural order of their names ('2' before '10'). How a picture becomes an array: `tinylens.data.pictures`.
"""

import os
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int

from tinylens.console import say
from tinylens.data.dataset import Dataset, Splits, cut_off
from tinylens.data.decoding import Decoded, Stamp, decode_once
from tinylens.data.pictures import SUFFIXES, printable, suffix, visible_files
from tinylens.data.sources import Known, Request
from tinylens.errors import DataError

NAMES: dict[str, Known] = {}
SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
TEST_SHARE = 0.2


def claims(name: str) -> bool:
    """Whether the name is a folder's."""
    return bool(name) and os.path.isdir(name)  # noqa: PTH112  (Path.is_dir raises where a name is too long)


def found(name: str, folders: tuple[Path, ...]) -> str | None:
    """No data set of this source has a name."""
    return None


@dataclass(frozen=True)
class Place:
    """A folder of pictures of one class: its path within the root, and what that says of them."""

    folder: str
    split: str
    name: str


@dataclass(frozen=True)
class Listing:
    """Which pictures there are. A million of them fit into 200 MB.

    names: paths within the root. stamps: of each file its size and times. owners: of each the index of its place.
    others: how many files are not pictures, by suffix.
    """

    places: list[Place]
    names: list[str]
    stamps: list[Stamp]
    owners: Int[np.ndarray, " n"]
    others: dict[str, int]


def load(request: Request) -> Splits:
    """The splits of a folder, each picture brought to the size asked for."""
    root = Path(request.name)
    places, unused = class_folders(root)
    listing = list_pictures(root, places)
    require_pictures(root, listing)
    decoded = decode_once(root, listing.names, listing.stamps, request.image_size, request.resize)
    notes = complaints(root, decoded, len(listing.names), request.skip_bad)
    check_places(root, listing, decoded.kept)
    notes += leftovers(unused, listing.others)
    splits = datasets(listing, decoded)
    if "test" not in splits:
        splits["train"], splits["test"] = cut_off(splits["train"], TEST_SHARE, 0, "test", request.name)
        notes.append(
            f"no test folder: {TEST_SHARE:.0%} of the training images cut off for the test, always the same ones"
        )
    for note in notes:
        say(f"{printable(str(root))}: {note}")
    return Splits(
        request.name,
        splits["train"],
        splits["test"],
        splits.get("validation"),
        origin=str(root.resolve()),
        notes=tuple(notes),
    )


def datasets(listing: Listing, decoded: Decoded) -> dict[str, Dataset]:
    """The pictures of each split that the folder has, by its name; of a class there may be none."""
    from natsort import natsorted

    # Sorted twice: '1' and '01' are equal in natural order.
    classes = tuple(natsorted(sorted({place.name for place in listing.places})))
    owners = listing.owners[decoded.kept]
    labels = np.array([classes.index(place.name) for place in listing.places])[owners]
    splits: dict[str, Dataset] = {}
    for split in dict.fromkeys(place.split for place in listing.places):
        rows = np.flatnonzero(np.array([place.split == split for place in listing.places])[owners])
        splits[split] = Dataset(decoded.images, decoded.kept[rows], labels[rows], classes, split)
    return splits


def class_folders(root: Path) -> tuple[list[Place], list[str]]:
    """Each folder of one class, and what lies beside them and is not used.

    Raises DataError where the layout is none of the known.
    """
    inside = visible_folders(root)
    named = {name: SPLIT_FOLDERS[name.lower()] for name in inside if name.lower() in SPLIT_FOLDERS}
    # A folder that is only called "train" and has no class folders in it may be a class: there are pictures of trains.
    parts = {name: split for name, split in named.items() if visible_folders(root / name)}
    if "train" in parts.values():
        folders = [
            (f"{part}/{child}", split) for part, split in parts.items() for child in visible_folders(root / part)
        ]
        parents = [root, *(root / part for part in parts)]
        unused = [name for name in inside if name not in parts]
    elif len(named) == len(inside):
        found = f" (it has {', '.join(map(printable, inside))})" if inside else ""
        raise DataError(
            f"{printable(str(root))}: no class folders in it{found}; train/<class>/*.png or <class>/*.png is looked for"
        )
    else:
        folders, parents, unused = [(name, "train") for name in inside], [root], []
    loose = [str(path.relative_to(root)) for parent in parents for path in loose_pictures(parent)]
    return [Place(folder, split, class_name(root, folder)) for folder, split in folders], unused + loose


def class_name(root: Path, folder: str) -> str:
    """What the class of a folder is called. One name can be spelled in two ways in Unicode; both mean one class."""
    name = unicodedata.normalize("NFC", folder.rpartition("/")[2])
    if not name.isprintable():
        raise DataError(f"{printable(str(root / folder))}: a class cannot be called that; rename the folder")
    return name


def visible_folders(folder: Path) -> list[str]:
    """The names of the folders in a folder, hidden ones left out."""
    try:
        return sorted(child.name for child in folder.iterdir() if not child.name.startswith(".") and child.is_dir())
    except OSError as error:
        raise DataError(f"{printable(str(folder))} cannot be read ({error.strerror})") from None


def loose_pictures(folder: Path) -> list[Path]:
    """The pictures directly in a folder."""
    return sorted(path for path in folder.iterdir() if suffix(path.name) in SUFFIXES and path.is_file())


def list_pictures(root: Path, places: list[Place]) -> Listing:
    """Every picture in the class folders."""
    names: list[str] = []
    stamps: list[Stamp] = []
    owners: list[int] = []
    others: Counter[str] = Counter()
    for number, place in enumerate(places):
        before = len(names)
        start = len(str(root / place.folder))
        for file in visible_files(root / place.folder):
            if suffix(file.name) in SUFFIXES:
                names.append(place.folder + file.path[start:])
                stamps.append(stamp(file))
            else:
                others[suffix(file.name) or "no suffix"] += 1
        owners += [number] * (len(names) - before)
    return Listing(places, names, stamps, np.array(owners, dtype=np.int64), dict(others))


def require_pictures(root: Path, listing: Listing) -> None:
    """Raise DataError where a class folder has no picture."""
    listed = np.bincount(listing.owners, minlength=len(listing.places))
    for place, count in zip(listing.places, listed, strict=True):
        if count == 0:
            raise DataError(
                f"{printable(str(root))}: class {place.name!r} has no {place.split} pictures "
                f"({printable(place.folder)} has no {', '.join(SUFFIXES)})"
            )


def stamp(file: "os.DirEntry[str]") -> Stamp:
    """What changes whenever a file may have changed: its size and its times."""
    try:
        stat = file.stat()
    except OSError:  # a link that leads nowhere
        return 0, 0, 0
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def complaints(root: Path, decoded: Decoded, count: int, skip_bad: bool) -> list[str]:
    """Notes on pictures that are not what they should be. Raises DataError where that must stop the user."""
    notes = []
    if decoded.bad:
        named = "; ".join(f"{name} {what}" for name, what in decoded.bad[:3])
        more = f"; and {len(decoded.bad) - 3} more" if len(decoded.bad) > 3 else ""
        if not skip_bad:
            raise DataError(
                f"{printable(str(root))}: {len(decoded.bad)} of {count} pictures cannot be used: {named}{more}. "
                "Mend or remove them, or leave them out with --skip-bad"
            )
        notes.append(f"{len(decoded.bad)} of {count} pictures left out: {named}{more}")
    if decoded.misnamed:
        more = f" and {len(decoded.misnamed) - 3} more" if len(decoded.misnamed) > 3 else ""
        notes.append(f"read as what they are, not as their names say: {', '.join(decoded.misnamed[:3])}{more}")
    return notes


def leftovers(unused: list[str], others: dict[str, int]) -> list[str]:
    """Notes on what is in the folder and not used."""
    notes = []
    if unused:
        more = f" and {len(unused) - 3} more" if len(unused) > 3 else ""
        notes.append(f"not used, outside the class folders: {', '.join(map(printable, unused[:3]))}{more}")
    if others:
        kinds = ", ".join(f"{count} {printable(kind)}" for kind, count in sorted(others.items()))
        notes.append(f"not used, no pictures by their names: {kinds}")
    return notes


def check_places(root: Path, listing: Listing, kept: Int[np.ndarray, " n"]) -> None:
    """Raise DataError where leaving out bad pictures left a class with none."""
    left = np.bincount(listing.owners[kept], minlength=len(listing.places))
    for place, count in zip(listing.places, left, strict=True):
        if count == 0:
            raise DataError(
                f"{printable(str(root))}: class {place.name!r} has no {place.split} pictures left: "
                f"none in {printable(place.folder)} can be used"
            )
