"""Decoding pictures once, with all cores, into a memory-mapped file in the cache.

It is keyed by the content of the pictures; a small index beside it remembers which listing (names, sizes, times) had
which content, so that a second run of an unchanged folder opens no picture at all.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int, UInt8

from tinylens.console import counting_bar
from tinylens.data.pictures import SUFFIXES, Resize, open_picture, printable, resized, suffix
from tinylens.errors import DataError, TinylensError
from tinylens.files import cache_folder, read_json, write_json

CHUNK = 256  # most pictures decoded by one call to a worker
ALONE = 64  # so many pictures are decoded sooner than a second process starts
STALE = 24 * 3600  # seconds after which a decoding that never ended is cleared away
FORMAT = "3"  # part of every cache key: raise it when decoding changes

Stamp = tuple[int, int, int]  # size and times


@dataclass(frozen=True)
class Decoded:
    """What the cache holds: the images, which of the listed pictures they are, and what was odd about the others."""

    images: UInt8[np.ndarray, "m h w 3"]
    kept: Int[np.ndarray, " n"]
    bad: list[tuple[str, str]]
    misnamed: list[str]


def decode_once(root: Path, names: list[str], stamps: list[Stamp], image_size: int, resize: Resize) -> Decoded:
    """The decoded pictures, from the cache where they are there already.

    names: paths within the root. stamps: of each file what changes whenever it may have changed.
    Raises DataError where the cache cannot be written.
    """
    cache = cache_folder() / "pictures"
    index = cache / "listings" / f"{listing_key(root, names, stamps)}.json"
    try:
        remembered = content_in(index)
        content = remembered or content_key(root, names)
        target = cache / f"{content[:32]}-{image_size}-{resize}-{FORMAT}"
        shape = (len(names), image_size, image_size, 3)
        decoded = cached(target, shape)
        if decoded is None:
            decode_all(root, names, shape, resize, target)
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


def listing_key(root: Path, names: list[str], stamps: list[Stamp]) -> str:
    """A hash of names, sizes and times: changes whenever a file may have changed."""
    key = hashlib.sha256(os.fsencode(root.resolve()))
    for name, times in zip(names, stamps, strict=True):
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
            here = root.resolve()  # workers that are used again may be in a folder that was the current one before
            for done, wrong, odd in decoded_chunks(here, names, work / "images.npy", resize):
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
