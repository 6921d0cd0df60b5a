"""A folder of pictures: train/<class>/*, test/<class>/*, val/<class>/*, or plain <class>/*.

A split that the folder does not have is cut off the training images, stratified, always the same ones.
Classes are in natural order of their names ('2' before '10'). How a picture becomes an array: `tinylens.data.pictures`.

Pictures are decoded once, with all cores, into a memory-mapped file in the cache. It is keyed by the content of the
pictures; a small index beside it remembers which folder listing (names, sizes, times) had which content, so that a
second run of an unchanged folder opens no picture at all.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int, UInt8

from tinylens.console import counting_bar, say
from tinylens.data.dataset import Dataset, Splits, cut_off
from tinylens.data.pictures import SUFFIXES, Resize, open_picture, resized, suffix, visible_files
from tinylens.data.sources import Request
from tinylens.errors import DataError, TinylensError
from tinylens.files import cache_folder, read_json, write_json

NAMES: dict[str, str] = {}
SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
TEST_SHARE = 0.2
CHUNK = 256  # most pictures decoded by one call to a worker
ALONE = 64  # so many pictures are decoded sooner than a second process starts
STALE = 24 * 3600  # seconds after which a decoding that never ended is cleared away
FORMAT = "3"  # part of every cache key: raise it when decoding changes


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
    stamps: list[tuple[int, int, int]]
    owners: Int[np.ndarray, "n"]
    others: dict[str, int]


@dataclass(frozen=True)
class Decoded:
    """What the cache holds: the images, which of the listed pictures they are, and what was odd about the others."""

    images: UInt8[np.ndarray, "m h w 3"]
    kept: Int[np.ndarray, "n"]
    bad: list[tuple[str, str]]
    misnamed: list[str]


def load(request: Request) -> Splits:
    """The splits of a folder, each picture brought to the size asked for."""
    from natsort import natsorted

    root = Path(request.name)
    places, unused = class_folders(root)
    listing = list_pictures(root, places)
    # Sorted twice: '1' and '01' are equal in natural order.
    classes = tuple(natsorted(sorted({place.name for place in places})))
    decoded = decode_once(root, listing, request.image_size, request.resize)
    notes = complaints(root, decoded, len(listing.names), request.skip_bad)
    check_places(root, listing, decoded.kept)
    notes += leftovers(unused, listing.others)
    owners = listing.owners[decoded.kept]
    labels = np.array([classes.index(place.name) for place in places])[owners]
    splits: dict[str, Dataset] = {}
    for split in dict.fromkeys(place.split for place in places):
        rows = np.flatnonzero(np.array([place.split == split for place in places])[owners])
        splits[split] = Dataset(decoded.images, decoded.kept[rows], labels[rows], classes, split)
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


def printable(text: str) -> str:
    """A file's name on one line, whatever characters, or bytes that are none, it has."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def list_pictures(root: Path, places: list[Place]) -> Listing:
    """Every picture in the class folders. Raises DataError where a folder has none."""
    names: list[str] = []
    stamps: list[tuple[int, int, int]] = []
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
        if len(names) == before:
            raise DataError(
                f"{printable(str(root))}: class {place.name!r} has no {place.split} pictures "
                f"({printable(place.folder)} has no {', '.join(SUFFIXES)})"
            )
        owners += [number] * (len(names) - before)
    return Listing(places, names, stamps, np.array(owners), dict(others))


def stamp(file: "os.DirEntry[str]") -> tuple[int, int, int]:
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


def check_places(root: Path, listing: Listing, kept: Int[np.ndarray, "n"]) -> None:
    """Raise DataError where leaving out bad pictures left a class with none."""
    left = np.bincount(listing.owners[kept], minlength=len(listing.places))
    for place, count in zip(listing.places, left, strict=True):
        if count == 0:
            raise DataError(
                f"{printable(str(root))}: class {place.name!r} has no {place.split} pictures left: "
                f"none in {printable(place.folder)} can be used"
            )


def decode_once(root: Path, listing: Listing, image_size: int, resize: Resize) -> Decoded:
    """The decoded pictures, from the cache where they are there already.

    Raises DataError where the cache cannot be written.
    """
    cache = cache_folder() / "pictures"
    index = cache / "listings" / f"{listing_key(root, listing)}.json"
    try:
        remembered = content_in(index)
        content = remembered or content_key(root, listing.names)
        target = cache / f"{content[:32]}-{image_size}-{resize}-{FORMAT}"
        shape = (len(listing.names), image_size, image_size, 3)
        decoded = cached(target, shape)
        if decoded is None:
            decode_all(root, listing.names, shape, resize, target)
            decoded = cached(target, shape)
        if remembered is None:
            write_json(index, {"folder": printable(str(root.resolve())), "content": content})
    except OSError as error:
        raise DataError(f"cannot write the cache {cache}: {error.strerror or error}; TINYLENS_CACHE moves it") from None
    if decoded is None:
        raise DataError(f"the cache {cache} does not keep what is written to it; TINYLENS_CACHE moves it")
    return decoded


def content_in(index: Path) -> str | None:
    """The content that a listing had when it was last seen; None where that is not known."""
    try:
        return str(read_json(index)["content"])
    except (TinylensError, KeyError, TypeError):
        return None


def cached(target: Path, shape: tuple[int, int, int, int]) -> Decoded | None:
    """What is in the cache; None where it is not there or damaged."""
    try:
        about = read_json(target / "about.json")
        images = np.load(target / "images.npy", mmap_mode="r")
        if images.shape != shape or images.dtype != np.uint8:
            return None
        kept = np.setdiff1d(np.arange(len(images)), np.array([row for row, _, _ in about["bad"]], dtype=np.int64))
        return Decoded(images, kept, [(name, what) for _, name, what in about["bad"]], about["misnamed"])
    except (TinylensError, OSError, EOFError, ValueError, KeyError, TypeError):
        return None


def listing_key(root: Path, listing: Listing) -> str:
    """A hash of names, sizes and times: changes whenever a file may have changed."""
    key = hashlib.sha256(os.fsencode(root.resolve()))
    for name, times in zip(listing.names, listing.stamps, strict=True):
        key.update(os.fsencode(name) + b"\0%d\0%d\0%d\n" % times)
    return key.hexdigest()


def content_key(root: Path, names: list[str]) -> str:
    """A hash of names and contents: the same wherever the folder is."""

    def digests(chunk: list[str]) -> list[bytes]:
        return [digest(root / name) for name in chunk]

    key = hashlib.sha256()
    chunks = [names[i : i + CHUNK] for i in range(0, len(names), CHUNK)]
    with ThreadPoolExecutor() as pool, counting_bar() as bar:
        task = bar.add_task("Reading pictures", total=len(names))
        for chunk, found in zip(chunks, pool.map(digests, chunks), strict=True):
            for name, one in zip(chunk, found, strict=True):
                key.update(os.fsencode(name) + b"\0" + one)
            bar.advance(task, len(chunk))
    return key.hexdigest()


def digest(path: Path) -> bytes:
    """A hash of a file's content, the same for all that cannot be read."""
    try:
        return hashlib.blake2b(path.read_bytes()).digest()
    except OSError:
        return b"unreadable"


def decode_all(root: Path, names: list[str], shape: tuple[int, int, int, int], resize: Resize, target: Path) -> None:
    """Decode pictures with all cores into `target`, which appears only when all is done."""
    target.parent.mkdir(parents=True, exist_ok=True)
    clear_stale(target.parent)
    needed = int(np.prod(shape))
    if (free := shutil.disk_usage(target.parent).free) < needed:
        raise DataError(
            f"{target.parent} has {free / 1e9:.1f} GB free, but the decoded pictures need {needed / 1e9:.1f} GB"
        )
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix=".decoding-"))
    try:
        np.lib.format.open_memmap(work / "images.npy", mode="w+", dtype=np.uint8, shape=shape).flush()
        bad, misnamed = [], []
        with counting_bar() as bar:
            task = bar.add_task("Decoding pictures", total=len(names))
            for done, wrong, odd in decoded_chunks(root, names, work / "images.npy", resize):
                bar.advance(task, done)
                bad += wrong
                misnamed += odd
        about = {
            "bad": [(row, printable(names[row]), what) for row, what in sorted(bad)],
            "misnamed": [f"{printable(names[row])} is {form}" for row, form in sorted(misnamed)],
        }
        (work / "about.json").write_text(json.dumps(about))
        if target.exists():  # damaged, or another process was quicker
            target.replace(work / "old")
        work.replace(target)
        shutil.rmtree(target / "old", ignore_errors=True)
    except BrokenProcessPool:
        raise DataError(
            f"{printable(str(root))}: a process that decoded pictures was killed; is memory short?"
        ) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def clear_stale(cache: Path) -> None:
    """Remove what decodings that were killed have left."""
    for work in cache.glob(".decoding-*"):
        if time.time() - work.stat().st_mtime > STALE:
            shutil.rmtree(work, ignore_errors=True)


Odd = list[tuple[int, str]]


def decoded_chunks(root: Path, names: list[str], store: Path, resize: Resize) -> Iterator[tuple[int, Odd, Odd]]:
    """Decode all pictures, chunk by chunk, as `decode_chunk` does, with as many processes as are worth starting."""
    from joblib import Parallel, cpu_count, delayed

    workers = min(cpu_count(), -(-len(names) // ALONE))
    size = min(CHUNK, -(-len(names) // (workers * 8)))
    jobs: Any = (delayed(decode_chunk)(root, names[i : i + size], i, store, resize) for i in range(0, len(names), size))
    return Parallel(n_jobs=workers, return_as="generator_unordered")(jobs)


def decode_chunk(root: Path, names: list[str], start: int, store: Path, resize: Resize) -> tuple[int, Odd, Odd]:
    """Decode some pictures into their rows of the store: how many there were, the bad ones, the misnamed ones."""
    images = np.load(store, mmap_mode="r+")
    bad: Odd = []
    misnamed: Odd = []
    for row, name in enumerate(names, start):
        try:
            picture = open_picture(root / name)
            images[row] = resized(picture, images.shape[1:3], resize)
        except DataError as error:
            bad.append((row, str(error)))
            continue
        if picture.format != SUFFIXES[suffix(name)]:
            misnamed.append((row, str(picture.format)))
    return len(names), bad, misnamed
