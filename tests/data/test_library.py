"""Taking in what the user has: official by its bytes or by its content, or not taken at all."""

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinylens.data import load_data
from tinylens.data.library import data_folders, entries, take
from tinylens.data.sources import cifar
from tinylens.errors import DataError, UsageError

CIFAR10, CIFAR100 = (cifar.ARCHIVES[name][0] for name in ("cifar10", "cifar100"))


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """A folder for a few hundred MB, which pytest would keep for days."""
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        yield Path(folder)


def linked(cifar_root: Path, archive: cifar.Archive, place: Path) -> Path:
    """The real folder again, by links."""
    place.mkdir(parents=True)
    for member in archive.members:
        (place / member).symlink_to(cifar_root / archive.folder / member)
    return place


def flip_byte(path: Path, position: int) -> None:
    """Put a copy in the place of a linked file, one byte of which is another."""
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.unlink()
    path.write_bytes(data)


def refused(path: Path, data_dir: Path) -> str:
    """The one line with which something is not taken, and that nothing was copied."""
    with pytest.raises(DataError) as caught:
        take(path, data_dir=data_dir)
    assert "\n" not in str(caught.value)
    assert not data_dir.exists()
    return str(caught.value)


def test_an_archive_under_another_name_is_taken(cifar_archives: Path, scratch: Path) -> None:
    (scratch / "download (1).tgz").symlink_to(cifar_archives / CIFAR10.file)
    entry = take(scratch / "download (1).tgz", data_dir=scratch / "data")
    assert entry.name == "cifar10"
    assert entry.path == str(scratch / "data" / CIFAR10.file)
    assert entry.verified.startswith(("bytes: the official", "content: the official"))
    assert [path.name for path in (scratch / "data").iterdir()] == [CIFAR10.file]
    assert (scratch / "data" / CIFAR10.file).stat().st_size == (cifar_archives / CIFAR10.file).stat().st_size


def test_a_folder_in_another_order_is_taken_without_what_is_not_read(cifar_root: Path, scratch: Path) -> None:
    place = linked(cifar_root, CIFAR10, scratch / "mine" / CIFAR10.folder)
    first, second = place / "data_batch_1", place / "data_batch_2"
    first.rename(place / "other")
    second.rename(first)
    (place / "other").rename(second)
    (place / "readme.html").write_text("not read")
    entry = take(scratch / "mine", data_dir=scratch / "data")
    assert entry.verified == "content: the official images and labels"
    assert {path.name for path in (scratch / "data" / CIFAR10.folder).iterdir()} == set(CIFAR10.members)
    assert load_data("cifar10", data_dir=scratch / "data").verified == entry.verified
    again = take(scratch / "data", data_dir=scratch / "data")
    assert again.path == entry.path
    linked_again = take(place, data_dir=scratch / "data")  # over the one that is there
    assert linked_again.path == entry.path
    assert [path.name for path in (scratch / "data").iterdir()] == [CIFAR10.folder]


def test_one_flipped_pixel_is_refused(cifar_root: Path, scratch: Path) -> None:
    place = linked(cifar_root, CIFAR10, scratch / "mine")
    flip_byte(place / "test_batch", 15_000_000)
    said = refused(place, scratch / "data")
    assert "is laid out as cifar10, but is not the official content: test images or labels differ; it was not" in said


def test_other_class_names_are_refused(cifar_root: Path, scratch: Path) -> None:
    place = linked(cifar_root, CIFAR10, scratch / "mine")
    flip_byte(place / "batches.meta", (place / "batches.meta").read_bytes().index(b"cat"))
    assert "not the official content: class names differ" in refused(place, scratch / "data")


def test_another_superclass_label_is_refused(cifar_root: Path, scratch: Path) -> None:
    place = linked(cifar_root, CIFAR100, scratch / "mine")
    coarse = (place / "test").read_bytes().index(b"coarse_labels")
    labels = (place / "test").read_bytes()[coarse : coarse + 60].index(b"(K") + 2  # the first one of the list
    flip_byte(place / "test", coarse + labels)
    assert "is laid out as cifar100-coarse, but is not the official content" in refused(place, scratch / "data")


def test_what_is_no_cifar_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "text", "cats/1.png")
    for name in ("text", "empty", "folder", "other.tar.gz"):
        assert "is not CIFAR-10 or CIFAR-100 in an official form" in refused(tmp_path / name, tmp_path / "data")
    assert refused(tmp_path / "nothing", tmp_path / "data").endswith("no such file or folder")


def test_an_archive_that_only_looks_like_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello")
    with tarfile.open(tmp_path / "cifar.tgz", "w:gz") as tar:
        for member in CIFAR10.members:
            tar.add(tmp_path / "x", f"{CIFAR10.folder}/{member}")
    assert "a damaged pickle" in refused(tmp_path / "cifar.tgz", tmp_path / "data")


def test_a_folder_that_cannot_be_written_keeps_nothing(cifar_root: Path, scratch: Path) -> None:
    (scratch / "file").touch()
    with pytest.raises(DataError, match="cannot write"):
        take(linked(cifar_root, CIFAR10, scratch / "mine"), data_dir=scratch / "file")
    assert sorted(path.name for path in scratch.iterdir()) == ["file", "mine"]


def test_data_is_looked_for_where_the_user_says_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYLENS_DATA", str(tmp_path / "variable"))
    folders = data_folders(tmp_path / "given")
    assert [folder.name for folder in folders] == ["given", "variable", "data"]
    assert data_folders("~/x")[0] == Path.home() / "x"


def test_every_known_name_is_listed_found_or_not(tmp_path: Path) -> None:
    listed = {entry.name: entry for entry in entries(tmp_path)}
    assert list(listed) == ["cifar10", "cifar100", "cifar100-coarse", "digits"]
    assert listed["cifar10"].path is None
    assert listed["digits"].path is not None
    place = tmp_path / CIFAR100.folder
    place.mkdir()
    for member in CIFAR100.members:
        (place / member).touch()
    assert {entry.name for entry in entries(tmp_path) if entry.path == str(place)} == {"cifar100", "cifar100-coarse"}
    shutil.rmtree(place)


@pytest.mark.parametrize("name", ["", "mnist", "no/such/folder", "x" * 5000, "nul\0"])
def test_a_name_that_is_nothing_is_refused_with_the_names_that_there_are(name: str) -> None:
    with pytest.raises(UsageError, match="nor one of cifar10, cifar100, cifar100-coarse, digits"):
        load_data(name)


def test_sizes_and_rules_that_there_are_not() -> None:
    with pytest.raises(UsageError, match="images of 0 pixels a side are not possible"):
        load_data("digits", image_size=0)
