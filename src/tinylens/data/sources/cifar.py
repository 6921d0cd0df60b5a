"""CIFAR-10 and CIFAR-100, from the official Python archive, its unpacked folder, or the official binary archive.

Source: Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images. 50,000 training and 10,000 test images
of 32x32 pixels; CIFAR-100 has 100 fine classes in 20 superclasses.

The official files are Python 2 pickles. They are read with an unpickler that can build arrays of bytes and nothing
else, archives by the names of their members and never unpacked, so that a hostile file can do no more than fail to
load.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int, UInt8

from tinylens.console import say
from tinylens.data.archives import DAMAGE, LIMIT, entries, unpacking
from tinylens.data.dataset import Dataset, Splits
from tinylens.data.pickles import StoredArray, unpickled
from tinylens.data.pictures import resized_all
from tinylens.data.sources import Known, Request
from tinylens.errors import DataError

NAMES = {
    "cifar10": Known("60,000 photographs of 10 kinds of animals and vehicles", 10),
    "cifar100": Known("60,000 photographs of 100 kinds of things (fine labels)", 100),
    "cifar100-coarse": Known("the same photographs with the 20 superclasses as labels", 20),
}
SIDE = 32


@dataclass(frozen=True)
class Archive:
    """One official form of the data: a folder, the archive it comes in, and the SHA-256 of that archive."""

    folder: str
    file: str
    sha256: str | None
    train: tuple[str, ...]
    test: str
    meta: tuple[str, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """The files that are read."""
        return (*self.train, self.test, *self.meta)


BATCHES = tuple(f"data_batch_{i}" for i in range(1, 6))
# SHA-256 of the Python archives as Keras 3 publishes them (keras/src/datasets); none is published for the binary ones.
ARCHIVES = {
    "cifar10": (
        Archive(
            "cifar-10-batches-py",
            "cifar-10-python.tar.gz",
            "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            BATCHES,
            "test_batch",
            ("batches.meta",),
        ),
        Archive(
            "cifar-10-batches-bin",
            "cifar-10-binary.tar.gz",
            None,
            tuple(f"{name}.bin" for name in BATCHES),
            "test_batch.bin",
            ("batches.meta.txt",),
        ),
    ),
    "cifar100": (
        Archive(
            "cifar-100-python",
            "cifar-100-python.tar.gz",
            "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            ("train",),
            "test",
            ("meta",),
        ),
        Archive(
            "cifar-100-binary",
            "cifar-100-binary.tar.gz",
            None,
            ("train.bin",),
            "test.bin",
            ("fine_label_names.txt", "coarse_label_names.txt"),
        ),
    ),
}
# `Dataset.fingerprint` of the official images and labels, the same whatever the order of the images, and `names_hash`.
CONTENT = {
    "cifar10": {
        "train": "bb29a38bd03a0dae704eb2bac6fcb1f75149618571f8e71b0cbfcca55650c559",
        "test": "769adc2209a9daa01ce5accdc2fe6577c9b1e2c2c145b189f65f759e4e88ac09",
        "classes": "bb3914949cecedee6d1257f7f5fdb8f43fa3b2c8095fd1763161caf1b873fe59",
    },
    "cifar100": {
        "train": "c1c9b09354734f6832200a1d0d6f7cc34a2096ba374b004a186ae683f6c52765",
        "test": "b93ee2cbc36ad95cbe3389f58da3a7bf6239b7bfc075fd7d0ab6d5375ea97982",
        "classes": "fbe8ad23bbaf24969898a386833b49c3aaf6ad1119d43f7b41cdea1b3416d578",
    },
    "cifar100-coarse": {
        "train": "d4a17a6703621bda4c5cf0ab6807df9a13fb4d9ce17c71fd26f08a1ead9b5e0d",
        "test": "76f701f5c9a98254e3b5f34162da3e011d265e61def67180235050af55575aac",
        "classes": "9b48b836d98e8782057bb6a4da0d4030fe828e2b156b81fa835fda91b5276930",
    },
}


def family(name: str) -> str:
    """The archive that a data set lives in: cifar10 or cifar100."""
    return "cifar10" if name == "cifar10" else "cifar100"


def claims(name: str) -> bool:
    """Whether the name is this source's."""
    return name in NAMES


def found(name: str, folders: tuple[Path, ...]) -> str | None:
    """The first official folder or archive of the data set in these folders."""
    place = locate(name, folders)
    return str(place[0]) if place else None


def locate(name: str, folders: tuple[Path, ...]) -> tuple[Path, Archive] | None:
    """The first path that holds the data, and which official form it is."""
    for folder in folders:
        for archive in ARCHIVES[family(name)]:
            for path in (folder / archive.folder, folder / archive.file, folder):
                if holds(path, archive):
                    return path, archive
    return None


def holds(path: Path, archive: Archive) -> bool:
    """Whether a path is that official archive, by its name, or that unpacked folder, by what is in it."""
    if path.is_file():
        return path.name == archive.file
    return all((path / member).is_file() for member in archive.members)


def inside(path: Path, archive: Archive) -> bool:
    """Whether a file, whatever it is called, is an archive with the folder of that official form in it."""
    try:
        with unpacking(path) as tar:
            names = (entry.name.removeprefix("./") for entry in entries(tar))
            first = next((name for name in names if name != "."), "")
            return first.split("/")[0] == archive.folder
    except DAMAGE:
        return False


def load(request: Request) -> Splits:
    """Training and test images with their labels, verified, then brought to the size asked for."""
    place = locate(request.name, request.folders)
    if place is None:
        looked = ", ".join(map(str, request.folders))
        raise DataError(
            f"{request.name} is not on this machine (looked in {looked}): `tinylens data get {family(request.name)}` "
            "downloads it, `tinylens data import PATH` takes a copy that you have"
        )
    path, archive = place
    splits = read(path, archive, request.name)
    verified = verify(request.name, splits)
    if not verified.startswith("content"):
        say(f"{path}: {verified}; figures on it are not figures on {request.name}")
    size = (request.image_size, request.image_size)
    splits = {k: replace(v, store=resized_all(v.store, size, request.resize)) for k, v in splits.items()}
    return Splits(request.name, splits["train"], splits["test"], origin=str(path.resolve()), verified=verified)


def verify(name: str, splits: dict[str, Dataset]) -> str:
    """Say whether the images, labels and class names are the official ones, whatever the order of the images."""
    wrong = [f"{split} images or labels" for split, data in splits.items() if data.fingerprint != CONTENT[name][split]]
    if names_hash(splits["train"].classes) != CONTENT[name]["classes"]:
        wrong.append("class names")
    if wrong:
        return f"not the official content: {', '.join(wrong)} differ"
    return "content: the official images and labels"


def names_hash(names: tuple[str, ...]) -> str:
    """A hash of class names in their order, 64 hex digits."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def read(path: Path, archive: Archive, name: str) -> dict[str, Dataset]:
    """The train and test splits of the data set `name` from one official folder or archive."""
    parts = read_folder(path, archive) if path.is_dir() else read_archive(path, archive)
    try:
        decode = decode_binary if archive.test.endswith(".bin") else decode_pickles
        return decode(parts, archive, name)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise DataError(f"{path} is not {archive.folder} as published: {error!r}") from None


def read_folder(path: Path, archive: Archive) -> dict[str, bytes]:
    """The bytes of each file that is read, by name."""
    try:
        size = sum((path / member).stat().st_size for member in archive.members)
        if size > LIMIT:
            raise DataError(f"{path} is not {archive.folder} as published: its files have {size:,} bytes")
        return {member: (path / member).read_bytes() for member in archive.members}
    except OSError as error:
        raise DataError(f"cannot read {error.filename}: {error.strerror}") from None


def read_archive(path: Path, archive: Archive) -> dict[str, bytes]:
    """The bytes of each member that is read, by name. Nothing is unpacked, and no other member is looked at."""
    wanted = {f"{archive.folder}/{member}": member for member in archive.members}
    parts: dict[str, bytes] = {}
    try:
        with unpacking(path) as tar:
            for entry in entries(tar):
                member = wanted.get(entry.name.removeprefix("./"))
                if member is not None and entry.isreg():
                    file = tar.extractfile(entry)
                    assert file is not None  # it is a regular file
                    parts[member] = file.read()
                if len(parts) == len(wanted):
                    return parts
    except DAMAGE as error:
        raise DataError(f"{path} is damaged: {error}; delete it and get it again") from None
    missing = sorted(set(archive.members) - set(parts))
    raise DataError(f"{path} is not {archive.file} as published: {', '.join(missing)} not in it")


def pixels_in(batch: dict[bytes, Any]) -> UInt8[np.ndarray, "n 3072"]:
    """The rows of pixels in one official dictionary."""
    data = batch[b"data"]
    if not isinstance(data, StoredArray) or data.values.shape[1] != 3 * SIDE * SIDE:
        raise DataError("data that is not rows of 3,072 bytes")
    return data.values


def labels_in(batch: dict[bytes, Any], key: bytes) -> Int[np.ndarray, " n"]:
    """The labels in one official dictionary; none where it has no such key."""
    labels = batch.get(key, [])
    if not isinstance(labels, list) or not all(type(label) is int and 0 <= label < 100 for label in labels):
        raise DataError(f"{key.decode()} that are not a list of class numbers")
    return np.array(labels, dtype=np.int64)


def decode_pickles(parts: dict[str, bytes], archive: Archive, name: str) -> dict[str, Dataset]:
    """The splits from the Python archive's files."""
    meta = unpickled(parts[archive.meta[0]])
    key = {"cifar10": b"labels", "cifar100": b"fine_labels", "cifar100-coarse": b"coarse_labels"}[name]

    def split(files: tuple[str, ...]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        for file in files:
            batch = unpickled(parts.pop(file))
            yield pixels_in(batch), labels_in(batch, key), labels_in(batch, b"coarse_labels")

    names = {k: tuple(x.decode() for x in v) for k, v in meta.items() if k.endswith(b"label_names")}
    fine = names.get(b"label_names") or names[b"fine_label_names"]
    return assemble(split, archive, name, fine, names.get(b"coarse_label_names", ()))


def decode_binary(parts: dict[str, bytes], archive: Archive, name: str) -> dict[str, Dataset]:
    """The splits from the binary archive's files: rows of label bytes (CIFAR-100: coarse, fine) and 3,072 pixels."""
    num_labels = 1 if name == "cifar10" else 2
    column = 0 if name == "cifar100-coarse" else num_labels - 1

    def split(files: tuple[str, ...]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        for file in files:
            table = np.frombuffer(parts.pop(file), dtype=np.uint8).reshape(-1, num_labels + 3 * SIDE * SIDE)
            labels = table[:, :num_labels].astype(np.int64)
            yield table[:, num_labels:], labels[:, column], labels[:, 0]

    names = [tuple(parts[file].decode().split()) for file in archive.meta]
    return assemble(split, archive, name, names[0], names[1] if len(names) > 1 else ())


def assemble(
    split: Callable[[tuple[str, ...]], Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]],
    archive: Archive,
    name: str,
    fine: tuple[str, ...],
    coarse: tuple[str, ...],
) -> dict[str, Dataset]:
    """Datasets from rows of pixels, labels and coarse labels."""
    splits = {}
    for role, files in (("train", archive.train), ("test", (archive.test,))):
        pixels, labels, groups = (np.concatenate(column) for column in zip(*split(files), strict=True))
        counts = {len(pixels), len(labels)} | ({len(groups)} if name == "cifar100" else set())
        if counts != {50_000 if role == "train" else 10_000}:
            raise DataError(f"{len(pixels):,} {role} images with {len(labels):,} labels are not what was published")
        superclasses = group_names(labels, groups, len(fine), coarse) if name == "cifar100" else None
        classes = coarse if name == "cifar100-coarse" else fine
        splits[role] = Dataset(as_images(pixels), np.arange(len(labels)), labels, classes, role, superclasses)
    return splits


def as_images(rows: UInt8[np.ndarray, "n 3072"]) -> UInt8[np.ndarray, "n 32 32 3"]:
    """Images from rows of 1,024 red, 1,024 green and 1,024 blue values."""
    return np.ascontiguousarray(rows.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1))


def group_names(
    fine: Int[np.ndarray, " n"], coarse: Int[np.ndarray, " n"], num_classes: int, names: tuple[str, ...]
) -> tuple[str, ...]:
    """For each fine class the name of its superclass, from images that carry both labels."""
    group = np.full(num_classes, -1)
    group[fine] = coarse
    return tuple(names[i] for i in group)
