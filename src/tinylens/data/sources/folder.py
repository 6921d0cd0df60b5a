"""A folder of pictures: train/<class>/*, test/<class>/*, val/<class>/*, or plain <class>/*.

A split that the folder does not have is cut off the training images, stratified, always the same ones.
Classes are in natural order of their names ('2' before '10'). How a picture becomes an array: `tinylens.data.pictures`.

Pictures are decoded once, with all cores, into a memory-mapped file in the cache. It is keyed by the content of the
pictures; a small index beside it remembers which folder listing (names, sizes, times) had which content, so that a
second run of an unchanged folder opens no picture at all.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinylens.console import counting_bar, say
from tinylens.data.dataset import Dataset, Splits, cut_off
from tinylens.data.pictures import SUFFIXES, Resize, natural_images, open_picture, resized
from tinylens.data.sources import Request
from tinylens.errors import DataError
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
CHUNK = 256  # pictures decoded by one call to a worker
FORMAT = "2"  # part of every cache key: raise it when decoding changes


def claims(name: str) -> bool:
    """Whether the name is a folder's."""
    return Path(name).is_dir()


def found(name: str, folders: tuple[Path, ...]) -> str | None:
    """No data set of this source has a name."""
    return None


@dataclass(frozen=True)
class Picture:
    """A picture file with what its place in the folder says of it."""

    path: Path
    split: str
    label: int


@dataclass(frozen=True)
class Decoded:
    """What the cache holds: the images, which of the listed pictures they are, and what was odd about the others."""

    images: np.ndarray
    kept: np.ndarray
    bad: list[tuple[str, str]]
    misnamed: list[str]


def load(request: Request) -> Splits:
    """The splits of a folder, each picture brought to the size asked for."""
    from natsort import natsorted

    root = Path(request.name)
    places = class_folders(root)
    classes = tuple(natsorted({folder.name for folder, _ in places}))
    pictures = [
        Picture(path, split, classes.index(folder.name)) for folder, split in places for path in natural_images(folder)
    ]
    decoded = decode_once(root, [p.path for p in pictures], request.image_size, request.resize)
    notes = complaints(root, decoded, len(pictures), request.skip_bad)
    kept = [pictures[i] for i in decoded.kept]
    labels = np.array([p.label for p in kept], dtype=np.int64)
    splits: dict[str, Dataset] = {}
    for split in dict.fromkeys(split for _, split in places):
        rows = np.flatnonzero([p.split == split for p in kept])
        splits[split] = Dataset(decoded.images, rows, labels[rows], classes, split)
    if "test" not in splits:
        splits["train"], splits["test"] = cut_off(splits["train"], TEST_SHARE, 0, "test", request.name)
        notes.append(
            f"no test folder: {TEST_SHARE:.0%} of the training images cut off for the test, always the same ones"
        )
    return Splits(
        request.name,
        splits["train"],
        splits["test"],
        splits.get("validation"),
        origin=str(root.resolve()),
        notes=tuple(notes),
    )


def class_folders(root: Path) -> list[tuple[Path, str]]:
    """Each folder of one class with the split it belongs to. Raises DataError where the layout is none of the known."""
    inside = visible_folders(root)
    parts = {folder: SPLIT_FOLDERS[folder.name.lower()] for folder in inside if folder.name.lower() in SPLIT_FOLDERS}
    if "train" not in parts.values():
        parts = {}
    places = [(child, split) for folder, split in parts.items() for child in visible_folders(folder)]
    if not parts:
        places = [(folder, "train") for folder in inside]
    if not places:
        raise DataError(f"{root}: no class folders in it; train/<class>/*.png or <class>/*.png is looked for")
    for folder, split in places:
        if not any(natural_images(folder)):
            raise DataError(
                f"{root}: class {folder.name!r} has no {split} pictures ({folder} has no {', '.join(SUFFIXES)})"
            )
    return places


def visible_folders(folder: Path) -> list[Path]:
    """The folders in a folder, hidden ones left out."""
    return sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))


def complaints(root: Path, decoded: Decoded, count: int, skip_bad: bool) -> list[str]:
    """Notes on pictures that are not what they should be. Raises DataError where that must stop the user."""
    notes = []
    if decoded.bad:
        named = "; ".join(f"{name} {what}" for name, what in decoded.bad[:3])
        more = f"; and {len(decoded.bad) - 3} more" if len(decoded.bad) > 3 else ""
        if not skip_bad:
            raise DataError(
                f"{root}: {len(decoded.bad)} of {count} pictures cannot be used: {named}{more}. "
                "Mend or remove them, or leave them out with --skip-bad"
            )
        notes.append(f"{len(decoded.bad)} of {count} pictures left out: {named}{more}")
    if decoded.misnamed:
        more = f" and {len(decoded.misnamed) - 3} more" if len(decoded.misnamed) > 3 else ""
        notes.append(f"read as what they are, not as their names say: {', '.join(decoded.misnamed[:3])}{more}")
    for note in notes:
        say(f"{root}: {note}")
    return notes


def decode_once(root: Path, paths: list[Path], image_size: int, resize: Resize) -> Decoded:
    """The decoded pictures, from the cache where they are there already."""
    cache = cache_folder() / "pictures"
    index = cache / "listings" / f"{listing_key(root, paths)}.json"
    content = read_json(index)["content"] if index.is_file() else content_key(root, paths)
    target = cache / f"{content[:32]}-{image_size}-{resize}-{FORMAT}"
    if not (target / "images.npy").is_file():
        decode_all(root, paths, image_size, resize, target)
    if not index.is_file():
        write_json(index, {"folder": str(root.resolve()), "content": content})
    about = read_json(target / "about.json")
    images = np.load(target / "images.npy", mmap_mode="r")
    kept = np.setdiff1d(np.arange(len(paths)), [row for row, _, _ in about["bad"]])
    return Decoded(images, kept, [(name, what) for _, name, what in about["bad"]], about["misnamed"])


def listing_key(root: Path, paths: Iterable[Path]) -> str:
    """A hash of names, sizes and times: changes whenever a file may have changed."""
    key = hashlib.sha256(str(root.resolve()).encode())
    for path in paths:
        stat = path.stat()
        key.update(f"{path.relative_to(root)}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ctime_ns}\n".encode())
    return key.hexdigest()


def content_key(root: Path, paths: list[Path]) -> str:
    """A hash of names and contents: the same wherever the folder is."""

    def digest(path: Path) -> bytes:
        try:
            return hashlib.blake2b(path.read_bytes()).digest()
        except OSError:
            return b"unreadable"

    key = hashlib.sha256()
    with ThreadPoolExecutor() as pool, counting_bar() as bar:
        steps = bar.track(pool.map(digest, paths), total=len(paths), description="Reading pictures")
        for path, one in zip(paths, steps, strict=True):
            key.update(str(path.relative_to(root)).encode() + b"\0" + one)
    return key.hexdigest()


def decode_all(root: Path, paths: list[Path], image_size: int, resize: Resize, target: Path) -> None:
    """Decode pictures with all cores into `target`, which appears only when all is done."""
    from joblib import Parallel, cpu_count, delayed

    target.parent.mkdir(parents=True, exist_ok=True)
    needed = len(paths) * image_size * image_size * 3
    if (free := shutil.disk_usage(target.parent).free) < needed:
        raise DataError(
            f"{target.parent} has {free / 1e9:.1f} GB free, but the decoded pictures need {needed / 1e9:.1f} GB"
        )
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix=".decoding-"))
    try:
        shape = (len(paths), image_size, image_size, 3)
        np.lib.format.open_memmap(work / "images.npy", mode="w+", dtype=np.uint8, shape=shape).flush()
        chunks = range(0, len(paths), CHUNK)
        jobs = (delayed(decode_chunk)(paths[i : i + CHUNK], i, work / "images.npy", image_size, resize) for i in chunks)
        workers = min(cpu_count(), len(chunks))
        bad, misnamed = [], []
        with counting_bar() as bar:
            task = bar.add_task("Decoding pictures", total=len(paths))
            for done, wrong, odd in Parallel(n_jobs=workers, return_as="generator_unordered")(jobs):
                bar.advance(task, done)
                bad += wrong
                misnamed += odd
        bad.sort()
        about = {
            "bad": [(row, str(paths[row].relative_to(root)), what) for row, what in bad],
            "misnamed": [f"{paths[row].relative_to(root)} is {form}" for row, form in sorted(misnamed)],
        }
        (work / "about.json").write_text(json.dumps(about))
        if not target.exists():
            work.replace(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def decode_chunk(
    paths: list[Path], start: int, store: Path, image_size: int, resize: Resize
) -> tuple[int, list[tuple[int, str]], list[tuple[int, str]]]:
    """Decode some pictures into their rows of the store: how many there were, the bad ones, the misnamed ones."""
    images = np.load(store, mmap_mode="r+")
    bad, misnamed = [], []
    for row, path in enumerate(paths, start):
        try:
            picture = open_picture(path)
            images[row] = resized(picture, (image_size, image_size), resize)
        except DataError as error:
            bad.append((row, str(error)))
            continue
        if picture.format != SUFFIXES[path.suffix.lower()]:
            misnamed.append((row, str(picture.format)))
    return len(paths), bad, misnamed
