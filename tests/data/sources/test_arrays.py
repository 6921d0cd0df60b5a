"""An .npz file: the known layouts, and everything that people put into such files instead."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinylens.data import Splits, load_data
from tinylens.errors import DataError

RANDOM = np.random.default_rng(0)


def images(count: int, *shape: int) -> np.ndarray:
    """Random images, 8x8 RGB unless told otherwise."""
    return RANDOM.integers(0, 256, (count, *(shape or (8, 8, 3))), dtype=np.uint8)


def labels(count: int) -> np.ndarray:
    """0, 1, 2, 0, 1, 2, ..."""
    return np.arange(count) % 3


def load(tmp_path: Path, **arrays: Any) -> Splits:
    """What comes of a file with these arrays."""
    np.savez(tmp_path / "mine.npz", **arrays)
    return load_data(tmp_path / "mine.npz", image_size=8)


def refused(path: Path) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(DataError) as caught:
        load_data(path, image_size=8)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def refused_arrays(tmp_path: Path, **arrays: Any) -> str:
    """The one line with which a file with these arrays is refused."""
    np.savez(tmp_path / "mine.npz", **arrays)
    return refused(tmp_path / "mine.npz")


LAYOUTS = {
    "keras": ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test"),
    "medmnist": ("train_images", "train_labels", "val_images", "val_labels", "test_images", "test_labels"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("column", [True, False])
def test_layouts_with_three_splits(layout: str, column: bool, tmp_path: Path) -> None:
    arrays = {}
    for i, (x, y) in enumerate(zip(LAYOUTS[layout][::2], LAYOUTS[layout][1::2], strict=True)):
        arrays[x] = images(12 - 3 * i)
        arrays[y] = labels(12 - 3 * i).astype(np.uint8)[:, None] if column else labels(12 - 3 * i)
    splits = load(tmp_path, **arrays)
    assert {name: len(split) for name, split in splits.all().items()} == {"train": 12, "validation": 9, "test": 6}
    np.testing.assert_array_equal(splits.test.images, arrays[LAYOUTS[layout][4]])
    assert splits.classes == ("0", "1", "2")
    assert splits.notes == ()


def test_one_pile_is_cut_the_same_way_every_time(tmp_path: Path) -> None:
    arrays = {"images": images(30), "labels": labels(30)}
    first, second = load(tmp_path, **arrays), load(tmp_path, **arrays)
    assert first.test.class_counts().tolist() == [2, 2, 2]
    assert first.test.fingerprint == second.test.fingerprint
    assert "20% cut off" in first.notes[0]


def test_classes_have_the_names_that_the_file_gives(tmp_path: Path) -> None:
    assert load(tmp_path, images=images(30), labels=labels(30), classes=["x", "y", "z"]).classes == ("x", "y", "z")


def test_images_of_another_size_are_brought_to_size_without_distortion(tmp_path: Path) -> None:
    splits = load(tmp_path, images=images(30, 16, 24, 3), labels=labels(30))
    assert splits.train.image_size == (8, 8)
    assert "24x16 pixels brought to 8x8 (crop)" in splits.notes


def test_other_keys_are_told_and_not_read(tmp_path: Path) -> None:
    odd = np.array([{"any": "object"}], dtype=object)
    splits = load(tmp_path, images=images(30), labels=labels(30), notes=odd, y_test=labels(3))
    assert "not used: notes, y_test" in splits.notes


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"images": images(30, 8, 8)}, "not uint8 of shape (30, 8, 8); grey images: repeat them in three channels"),
        ({"images": images(30, 8, 8, 1)}, "grey images: repeat them in three channels"),
        ({"images": images(30, 8, 8, 4)}, "save images[..., :3] if the fourth channel is alpha"),
        ({"images": images(30, 3, 8, 8)}, "move the channels to the end"),
        ({"images": images(30) / 255}, "not float64 of shape (30, 8, 8, 3); if they run from 0 to 1, save"),
        ({"images": images(30).astype(np.int64)}, "not int64 of shape"),
        ({"images": np.uint8(3)}, "not uint8 of shape ()"),
        ({"images": images(30, 0, 0, 3)}, "of shape (30, 0, 0, 3)"),
        ({"images": images(30, 500, 2, 3)}, "train: every image is 2x500: too long and thin"),
        ({"images": images(0)}, "0 images but 30 labels"),
        ({"images": images(29)}, "29 images but 30 labels"),
        ({"images": images(0), "labels": labels(0)}, "no images"),
        ({"images": np.array([object()] * 30)}, "Object arrays cannot be loaded when allow_pickle=False"),
        ({"labels": np.array([{}] * 30)}, "Object arrays cannot be loaded when allow_pickle=False"),
        ({"labels": np.eye(3)[labels(30)]}, "one-hot labels: save labels.argmax(axis=1)"),
        ({"labels": np.eye(3, dtype=int)[labels(30)]}, "one-hot labels: save labels.argmax(axis=1)"),
        ({"labels": labels(30) / 1.0}, "must be whole numbers of shape (n,), not float64 of shape (30,)"),
        ({"labels": labels(30) > 1}, "not bool of shape (30,)"),
        ({"labels": labels(30).astype(str)}, "must be whole numbers"),
        ({"labels": labels(30) - 1}, "labels run from -1 to 1, but 2 classes need 0 to 1"),
        ({"labels": labels(30) + 1}, "no image of class '0'"),
        ({"labels": labels(30) * 10**9}, "labels run from 0 to 2000000000, but 30 images can show no more than 30"),
        ({"labels": labels(30) * 0}, "only one class, '0'"),
        ({"labels": labels(30), "classes": ["a", "b"]}, "labels run from 0 to 2, but 2 classes need 0 to 1"),
        ({"classes": []}, "no classes"),
        ({"classes": ["a", "b", "a"]}, "two classes are called 'a'"),
        ({"classes": ["a", "b", "c", "d"]}, "no image of class 'd'"),
        ({"classes": np.array([None] * 3)}, "Object arrays cannot be loaded"),
    ],
)
def test_arrays_that_are_refused(wrong: dict[str, Any], words: str, tmp_path: Path) -> None:
    assert words in refused_arrays(tmp_path, **({"images": images(30), "labels": labels(30)} | wrong))


def test_splits_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    train = {"x_train": images(30), "y_train": labels(30)}
    assert "test: labels run from 0 to 3" in refused_arrays(
        tmp_path, **train, x_test=images(4), y_test=np.array([0, 1, 2, 3])
    )
    assert "test: no image of class '2'" in refused_arrays(tmp_path, **train, x_test=images(2), y_test=labels(2))
    assert "'y_test' is missing" in refused_arrays(tmp_path, **train, x_test=images(3))


def test_a_file_without_images_says_what_it_has(tmp_path: Path) -> None:
    assert "it has a, b, and images with labels, x_train with y_train" in refused_arrays(tmp_path, a=1, b=2)
    assert "it has nothing" in refused_arrays(tmp_path)


def whole_file() -> bytes:
    """The bytes of a good, compressed file."""
    file = io.BytesIO()
    np.savez_compressed(file, images=images(30), labels=labels(30))
    return file.getvalue()


def npy_inside(data: bytes) -> bytes:
    """A zip file with these bytes as its images.npy."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("images.npy", data)
    return file.getvalue()


def huge() -> bytes:
    """An array that claims to have a hundred million million bytes."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (10**8, 1000, 1000, 3)}
    )
    return npy_inside(header.getvalue())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"PK\x05\x06" + bytes(18),
        whole_file()[:2000],
        whole_file()[:300] + b"\xff" * 50 + whole_file()[350:],
        npy_inside(b""),
        npy_inside(b"\x93NUMPY\x01\x00\xff\xff{{{{"),
        npy_inside(b"hello"),
        huge(),
    ],
    ids=["empty", "text", "empty zip", "cut", "flipped", "empty array", "wild header", "no array", "huge"],
)
def test_broken_files_are_refused_in_one_line(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "mine.npz").write_bytes(data)
    refused(tmp_path / "mine.npz")


def test_one_array_by_the_name_of_many_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", images(3))
    (tmp_path / "one.npy").rename(tmp_path / "one.npz")
    assert "is not a usable .npz file" in refused(tmp_path / "one.npz")


def test_no_file_and_a_folder_of_that_name(tmp_path: Path) -> None:
    assert refused(tmp_path / "no.npz").endswith("no such file")
    (tmp_path / "folder.npz").mkdir()
    refused(tmp_path / "folder.npz")
