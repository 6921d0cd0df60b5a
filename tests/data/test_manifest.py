"""The manifest: the same data again, and no other."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinylens.data import Splits
from tinylens.data.manifest import Choice, Manifest
from tinylens.errors import DataError

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)


def choice(name: str, **changes: Any) -> Choice:
    """All of the data at 8x8 with a quarter for validation, unless told otherwise."""
    fields: dict[str, Any] = {"image_size": 8, "resize": "crop", "limit": None, "validation_share": 0.25, "seed": 1}
    return Choice(name, **fields | {"skip_bad": False} | changes)


def file(path: Path, **changes: Any) -> str:
    """An .npz file of two classes."""
    np.savez(path, **{"images": IMAGES, "labels": np.arange(40) % 2, "classes": ["a", "b"]} | changes)
    return str(path)


def written(chosen: Choice) -> Manifest:
    """A manifest that went through a file."""
    manifest = Manifest.of(chosen, chosen.load())
    again = Manifest.from_json(json.loads(json.dumps(manifest.to_json())))
    assert again == manifest
    return again


def fingerprints(splits: Splits) -> dict[str, str]:
    """Of each split."""
    return {name: split.fingerprint for name, split in splits.all().items()}


@pytest.mark.parametrize(("most", "cut"), [(None, 25), (10, 10), (90, 25)])
def test_a_share_is_cut_off_for_validation_but_no_more_images_than_are_allowed(most: int | None, cut: int) -> None:
    splits = choice("digits", limit=100, validation_most=most).load()
    assert len(splits["validation"]) == cut


@pytest.mark.parametrize(
    "changes", [{}, {"limit": 50}, {"validation_most": 20}, {"validation_share": None}, {"seed": 9, "limit": 100}]
)
def test_the_same_data_comes_again(changes: dict[str, Any]) -> None:
    manifest = written(choice("digits", **changes))
    again = manifest.reload()
    assert fingerprints(again) == {name: part["fingerprint"] for name, part in manifest.splits.items()}
    assert {name: len(split) for name, split in again.all().items()} == {
        name: part["images"] for name, part in manifest.splits.items()
    }


def test_data_in_the_callers_hands_is_cut_in_the_same_way(digits: Splits) -> None:
    manifest = written(choice("digits", image_size=32, limit=60))
    assert fingerprints(manifest.reload(digits)) == {n: part["fingerprint"] for n, part in manifest.splits.items()}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"images": IMAGES ^ (np.arange(40) == 7).astype(np.uint8)[:, None, None, None]}, "has changed since the run"),
        ({"labels": np.arange(40) // 2 % 2}, "has changed since the run was made: "),
        ({"classes": ["b", "a"]}, "has other classes than when the run was made"),
        ({"images": IMAGES[:30], "labels": np.arange(30) % 2}, "has changed since the run was made: "),
    ],
)
def test_changed_data_is_refused(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    manifest = written(choice(file(tmp_path / "mine.npz")))
    file(tmp_path / "mine.npz", **changes)
    with pytest.raises(DataError, match=words):
        manifest.reload()


def test_a_new_split_is_a_change(tmp_path: Path) -> None:
    train = {"x_train": IMAGES[:30], "y_train": np.arange(30) % 2, "x_test": IMAGES[30:], "y_test": np.arange(10) % 2}
    np.savez(tmp_path / "mine.npz", **train)
    manifest = written(choice(str(tmp_path / "mine.npz"), validation_share=None))
    np.savez(tmp_path / "mine.npz", **train, x_val=IMAGES[:4], y_val=np.arange(4) % 2)
    with pytest.raises(DataError, match="validation differ"):
        manifest.reload()


def test_data_that_is_gone_is_refused(tmp_path: Path) -> None:
    manifest = written(choice(file(tmp_path / "mine.npz")))
    (tmp_path / "mine.npz").unlink()
    with pytest.raises(DataError, match=r"not there any more: .*mine\.npz"):
        manifest.reload()


def test_a_relative_path_is_found_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    file(tmp_path / "here" / "mine.npz")
    monkeypatch.chdir(tmp_path / "here")
    manifest = written(choice("mine.npz"))
    monkeypatch.chdir(tmp_path / "there")
    assert fingerprints(manifest.reload()) == {name: part["fingerprint"] for name, part in manifest.splits.items()}
    shutil.move(tmp_path / "here" / "mine.npz", tmp_path / "there" / "mine.npz")
    assert manifest.reload().origin == str(tmp_path / "there" / "mine.npz")


@pytest.mark.parametrize("value", [{}, {"choice": 3}, {"choice": {"name": "digits"}, "classes": []}])
def test_what_is_no_manifest_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="not a manifest of data"):
        Manifest.from_json(value)
