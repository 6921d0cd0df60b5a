"""CIFAR: hostile files do nothing but fail, and the real ones come out the same from every official form."""

import gzip
import os
import pickle
import struct
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinylens.data import archives, load_data
from tinylens.data.pickles import unpickled
from tinylens.data.sources import cifar
from tinylens.errors import DataError

PYTHON, BINARY = cifar.ARCHIVES["cifar10"]
MARK = Path("executed")  # what a hostile pickle would make in the working directory


class Calls:
    """An object that, unpickled, calls something."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def official(rows: int = 2, **changes: Any) -> bytes:
    """A small pickle as the official ones are."""
    batch = {b"data": np.zeros((rows, 3072), dtype=np.uint8), b"labels": [1] * rows}
    return pickle.dumps(batch | {key.encode(): value for key, value in changes.items()}, protocol=3)


HOSTILE = {
    "a shell": pickle.dumps(Calls(os.system, f"touch {MARK}"), protocol=2),
    "a shell inside": pickle.dumps({b"data": Calls(os.system, f"touch {MARK}")}, protocol=2),
    "eval": pickle.dumps(Calls(eval, f"open('{MARK}', 'w')"), protocol=2),
    "getattr": b"\x80\x02c__builtin__\ngetattr\n(cnumpy\nndarray\nU\x05tofiletR.",
    "numpy load": pickle.dumps(Calls(np.load, "x.npy", None, True), protocol=2),
    "numpy frombuffer": pickle.dumps(np.frombuffer, protocol=2),
    "an array of objects": official(data=np.array([Calls(os.system, f"touch {MARK}")], dtype=object)),
    "an array of floats": official(data=np.zeros((2, 3072))),
    "pointers into nowhere": b"\x80\x02cnumpy\nndarray\n(K\x01\x85U\x01OU\x08AAAAAAAAtR.",
    "a great array": b"\x80\x02cnumpy\nndarray\n(\x8a\x06\0\0\0\0\0\x01\x85U\x02u1tR.",
    "a string of 4 GB": b"\x80\x02T" + struct.pack("<i", 2**31 - 1) + b"x.",
    "an instance": b"(i__main__\nX\n.",
    "an extension": b"\x80\x02\x82\x01.",
    "a persistent id": b"Pname\n.",
    "truncated": official()[:-100],
    "empty": b"",
    "text": b"hello\nworld\n",
    "a list": pickle.dumps([1, 2]),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_pickle_does_nothing_but_fail(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        unpickled(HOSTILE[kind])
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_refused_name_is_told() -> None:
    with pytest.raises(DataError, match=r"refused to load posix\.system from a pickle"):
        unpickled(HOSTILE["a shell"])


def test_a_memo_takes_no_more_than_what_is_in_it() -> None:
    assert unpickled(b"\x80\x02}r" + struct.pack("<I", 2**31 - 1) + b".") == {}


def test_what_a_pickle_does_to_its_classes_does_not_last() -> None:
    change = b"\x80\x02cnumpy\ndtype\n}(U\x0c__setstate__U\x01xu\x86b."
    with pytest.raises(DataError):
        unpickled(change)
    assert unpickled(official())[b"data"].values.shape == (2, 3072)


def test_arrays_are_read_in_both_orders() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 3072), dtype=np.uint8)
    for array in (pixels, np.asfortranarray(pixels)):
        np.testing.assert_array_equal(unpickled(official(data=array))[b"data"].values, pixels)


def folder(tmp_path: Path, batch: bytes) -> Path:
    """A CIFAR-10 folder of which every batch is this pickle."""
    place = tmp_path / PYTHON.folder
    place.mkdir()
    for name in (*PYTHON.train, PYTHON.test):
        (place / name).write_bytes(batch)
    (place / "batches.meta").write_bytes(pickle.dumps({b"label_names": [b"a", b"b"]}))
    return tmp_path


def nested(depth: int) -> list[Any]:
    """A list of a thousand million million million items that takes a few hundred bytes."""
    inner: list[Any] = [1] * 10
    for _ in range(depth):
        inner = [inner] * 10
    return inner


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "10 train images with 10 labels are not what was published"),
        ({"data": np.zeros((2, 3071), dtype=np.uint8)}, "data that is not rows of 3,072 bytes"),
        ({"data": np.zeros((2, 2, 3072), dtype=np.uint8)}, "too many values"),
        ({"data": b"bytes"}, "data that is not rows of 3,072 bytes"),
        ({"data": nested(20)}, "data that is not rows of 3,072 bytes"),
        ({"labels": nested(20)}, "labels that are not a list of class numbers"),
        ({"labels": [1, -1]}, "labels that are not a list of class numbers"),
        ({"labels": [1, 10**30]}, "labels that are not a list of class numbers"),
        ({"labels": [1.5, 2]}, "labels that are not a list of class numbers"),
        ({"labels": None}, "labels that are not a list of class numbers"),
        ({"labels": [1]}, "10 train images with 5 labels"),
    ],
)
def test_batches_that_are_not_official(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_data("cifar10", data_dir=folder(tmp_path, official(**changes)))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_of_far_too_large_files_is_not_read(tmp_path: Path) -> None:
    with (folder(tmp_path, official()) / PYTHON.folder / "test_batch").open("r+b") as file:
        file.truncate(10**12)
    with pytest.raises(DataError, match="its files have 1,000,000"):
        load_data("cifar10", data_dir=tmp_path)


def member(name: str, data: bytes = b"", size: int | None = None, **fields: Any) -> bytes:
    """One member of a tar file; `size` is what it claims to have."""
    info = tarfile.TarInfo(name)
    info.size = len(data) if size is None else size
    for key, value in fields.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512)


def members(**changes: bytes) -> bytes:
    """All members of the Python archive, with some of them replaced."""
    names = [*PYTHON.train, PYTHON.test, *PYTHON.meta]
    return b"".join(changes.get(name, member(f"{PYTHON.folder}/{name}", b"x")) for name in names)


HOSTILE_ARCHIVES = {
    "a link to a secret": (members(test_batch=member(f"{PYTHON.folder}/test_batch", type=b"2", linkname="../secret"))),
    "a hard link": members(test_batch=member(f"{PYTHON.folder}/test_batch", type=b"1", linkname="/etc/passwd")),
    "a device": members(test_batch=member(f"{PYTHON.folder}/test_batch", type=b"3")),
    "a way out": members(test_batch=member(f"../{PYTHON.folder}/test_batch", b"x")),
    "a way around": members(test_batch=member(f"{PYTHON.folder}/../{PYTHON.folder}/test_batch", b"x")),
    "an absolute name": members(test_batch=member(f"/{PYTHON.folder}/test_batch", b"x")),
    "a size too large": members(test_batch=member(f"{PYTHON.folder}/test_batch", b"x", size=10**11)),
    "a size too large for the file": members()[:-2000] + member(f"{PYTHON.folder}/test_batch", b"x", size=10**7),
    "a size below nothing": member(f"{PYTHON.folder}/x", size=-1024) * 3,
    "a header of 8 GB": member("x", type=b"x", size=8 * 10**9),
    "pickles that are none": members(),
    "no tar at all": b"hello" * 200,
    "nothing": b"",
}


@pytest.mark.parametrize("kind", HOSTILE_ARCHIVES)
@pytest.mark.parametrize("zipped", [True, False])
def test_a_hostile_archive_does_nothing_but_fail(kind: str, zipped: bool, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(official())
    data = HOSTILE_ARCHIVES[kind] + bytes(1024)
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / PYTHON.file
    path.write_bytes(gzip.compress(data) if zipped else data)
    with pytest.raises(DataError) as caught:
        load_data("cifar10", data_dir=tmp_path / "data")
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == [PYTHON.file, "data", "secret"]


@pytest.mark.parametrize("cut", [5, 30, -10])
def test_a_cut_or_spoilt_archive_is_damaged(cut: int, tmp_path: Path) -> None:
    data = gzip.compress(members())
    for spoilt in (data[:cut], data[:cut] + b"\xff\xff\xff" + data[cut:][3:]):
        (tmp_path / PYTHON.file).write_bytes(spoilt)
        with pytest.raises(DataError, match=r"damaged|not cifar-10-|not in it"):
            load_data("cifar10", data_dir=tmp_path)


def test_an_archive_that_unpacks_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LIMIT", 10**6)
    data = member(f"{PYTHON.folder}/padding", bytes(200_000)) * 10 + members()
    (tmp_path / PYTHON.file).write_bytes(gzip.compress(data))
    with pytest.raises(DataError, match="it unpacks to more than 1,000,000 bytes"):
        load_data("cifar10", data_dir=tmp_path)


def test_data_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cifar100-coarse is not on this machine .*`tinylens data get cifar100`"):
        load_data("cifar100-coarse", data_dir=tmp_path)


@pytest.mark.parametrize("name", cifar.NAMES)
def test_the_real_folder_is_official(name: str, cifar_root: Path) -> None:
    splits = load_data(name, data_dir=cifar_root)
    assert splits.verified == "content: the official images and labels"
    assert (len(splits.train), len(splits.test)) == (50_000, 10_000)
    assert len(splits.classes) == {"cifar10": 10, "cifar100": 100, "cifar100-coarse": 20}[name]


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_the_real_archive_is_read_as_the_folder_is(name: str, cifar_archives: Path, tmp_path: Path) -> None:
    file = cifar.ARCHIVES[name][0].file
    (tmp_path / file).symlink_to(cifar_archives / file)
    splits = load_data(name, data_dir=tmp_path)
    assert splits.verified.startswith("content")


def test_fine_classes_know_their_superclasses(cifar_root: Path) -> None:
    fine = load_data("cifar100", data_dir=cifar_root).train
    assert fine.superclasses is not None
    groups = dict(zip(fine.classes, fine.superclasses, strict=True))
    assert (groups["apple"], groups["shark"], groups["maple_tree"]) == ("fruit_and_vegetables", "fish", "trees")
    assert len(set(fine.superclasses)) == 20


def as_binary(root: Path, family: str, target: Path) -> None:
    """Write the real data in the official binary form."""
    names = ["cifar10"] if family == "cifar10" else ["cifar100-coarse", "cifar100"]
    kinds = [load_data(name, data_dir=root) for name in names]
    archive = cifar.ARCHIVES[family][1]
    target.mkdir()
    for split, files in (("train", archive.train), ("test", (archive.test,))):
        columns = [kind[split].labels.astype(np.uint8)[:, None] for kind in kinds]
        pixels = kinds[0][split].store.transpose(0, 3, 1, 2).reshape(-1, 3072)
        for file, part in zip(files, np.split(np.hstack([*columns, pixels]), len(files)), strict=True):
            part.tofile(target / file)
    for file, kind in zip(archive.meta, reversed(kinds), strict=True):
        (target / file).write_text("\n".join(kind.classes) + "\n\n")


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """A folder for a few hundred MB, which pytest would keep for days."""
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        yield Path(folder)


@pytest.mark.parametrize("family", ["cifar10", "cifar100"])
def test_the_binary_form_has_the_same_content(family: str, cifar_root: Path, scratch: Path) -> None:
    archive = cifar.ARCHIVES[family][1]
    as_binary(cifar_root, family, scratch / archive.folder)
    for name in (name for name in cifar.NAMES if cifar.family(name) == family):
        assert load_data(name, data_dir=scratch).verified.startswith("content")
    (scratch / "archive").mkdir()
    with tarfile.open(scratch / "archive" / archive.file, "w") as tar:  # as a browser leaves it that unzips
        tar.add(scratch / archive.folder, f"./{archive.folder}")
    assert load_data(family, data_dir=scratch / "archive").verified.startswith("content")


def test_binary_files_of_another_size_are_refused(tmp_path: Path) -> None:
    place = tmp_path / BINARY.folder
    place.mkdir()
    for name in BINARY.members:
        (place / name).write_bytes(bytes(3073 * 2 + 5))
    with pytest.raises(DataError, match="is not cifar-10-batches-bin as published"):
        load_data("cifar10", data_dir=tmp_path)
