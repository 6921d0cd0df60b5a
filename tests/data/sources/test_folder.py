"""A folder of pictures: layouts, odd files, and a cache that is right or not there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tinylens.data import decoding as module
from tinylens.data import load_data
from tinylens.errors import DataError
from tinylens.files import cache_folder

COLOURS = np.random.default_rng(0).integers(0, 256, (1000, 3), dtype=np.uint8)


def picture(path: Path, number: int = 0, size: tuple[int, int] = (8, 8), form: str | None = None) -> None:
    """A picture of one colour, by number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, tuple(map(int, COLOURS[number]))).save(path, form)


def pictures(root: Path, *folders: str, count: int = 5) -> Path:
    """`count` pictures in each of these folders, each of its own colour."""
    for i, folder in enumerate(folders):
        for j in range(count):
            picture(root / folder / f"{j}.png", i * count + j)
    return root


def load(root: Path, **options: Any):  # type: ignore[no-untyped-def]
    """The folder at 8x8."""
    return load_data(root, image_size=8, **options)


def refused(root: Path, **options: Any) -> str:
    """The one line with which a folder is refused."""
    with pytest.raises(DataError) as caught:
        load(root, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def no_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on a picture that is opened is an error."""

    def fail(*args: object) -> None:
        raise AssertionError("a picture was opened")

    monkeypatch.setattr(module, "open_picture", fail)


@pytest.mark.parametrize(
    ("folders", "sizes"),
    [
        (["train/a", "train/b", "test/a", "test/b"], {"train": 10, "test": 10}),
        (["train/a", "train/b", "val/a", "val/b", "test/a", "test/b"], {"train": 10, "validation": 10, "test": 10}),
        (["Training/a", "Training/b", "valid/a", "valid/b"], {"train": 8, "validation": 10, "test": 2}),
        (["train/a", "train/b"], {"train": 8, "test": 2}),
        (["a", "b"], {"train": 8, "test": 2}),
        (["a/x", "a/y/z", "b/x"], {"train": 12, "test": 3}),
        (["car", "plane", "train"], {"train": 12, "test": 3}),
    ],
)
def test_layouts(folders: list[str], sizes: dict[str, int], tmp_path: Path) -> None:
    splits = load(pictures(tmp_path, *folders))
    assert {name: len(split) for name, split in splits.all().items()} == sizes
    assert any("cut off" in note for note in splits.notes) == (not any("test" in name for name in folders))


def test_every_picture_has_the_label_of_its_folder(tmp_path: Path) -> None:
    splits = load(pictures(tmp_path, "train/10", "train/9", "test/9", "test/10"))
    assert splits.classes == ("9", "10")
    np.testing.assert_array_equal(splits.train.images[:, 3, 3], COLOURS[:10])
    assert splits.train.labels.tolist() == [1] * 5 + [0] * 5
    np.testing.assert_array_equal(splits.test.images[:, 3, 3], COLOURS[[*range(15, 20), *range(10, 15)]])
    assert splits.test.labels.tolist() == [1] * 5 + [0] * 5


def test_names_that_are_equal_in_natural_order_have_a_fixed_one(tmp_path: Path) -> None:
    pictures(tmp_path, "1", "01", "001", "0001")
    code = f"from tinylens.data import load_data; print(load_data({str(tmp_path)!r}).classes)"
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "123"
    }
    assert said == {b"('0001', '001', '01', '1')\n"}


def test_two_spellings_of_one_name_are_one_class(tmp_path: Path) -> None:
    splits = load(pictures(tmp_path, "train/caf\u00e9", "train/tea", "test/cafe\u0301", "test/tea"))
    assert splits.classes == ("caf\u00e9", "tea")


def test_odd_names(tmp_path: Path) -> None:
    root = pictures(tmp_path / "my pictures ☀", "train/a b", "train/日本", "test/a b", "test/日本")
    os.rename(root / "train/a b/0.png", os.fsencode(root) + b"/train/a b/\xff\n.png")  # noqa: PTH104
    (root / "train/a b/1.png").write_bytes(b"")
    os.rename(root / "train/a b/1.png", os.fsencode(root) + b"/train/a b/\xfe\n.png")  # noqa: PTH104
    assert r"train/a b/\udcfe\n.png is empty" in refused(root)
    splits = load(root, skip_bad=True)
    assert splits.classes == ("a b", "日本")
    assert len(splits.train) == 9
    " ".join(splits.notes).encode()


def test_a_class_name_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    pictures(tmp_path, "good", "bad\nname")
    assert r"bad\nname: a class cannot be called that; rename the folder" in refused(tmp_path)


def test_hidden_files_are_no_pictures_and_others_are_told(tmp_path: Path) -> None:
    pictures(tmp_path, "train/a", "train/b", "train/.cache", ".git/x", "extra")
    for name in ["train/a/.DS_Store", "train/a/._0.png", "train/a/labels.csv", "train/b/scan.TIF", "train/b/x.tif"]:
        (tmp_path / name).write_text("no picture")
    picture(tmp_path / "loose.png")
    picture(tmp_path / "train" / "loose.jpg")
    splits = load(tmp_path)
    assert splits.classes == ("a", "b")
    assert "not used, outside the class folders: extra, loose.png, train/loose.jpg" in splits.notes
    assert "not used, no pictures by their names: 1 .csv, 2 .tif" in splits.notes


@pytest.mark.parametrize(
    ("folders", "words"),
    [
        ([], "no class folders in it; train/<class>/*.png or <class>/*.png is looked for"),
        (["."], "no class folders in it"),
        (["train", "test"], "no class folders in it (it has test, train)"),
        (["test/a", "test/b"], "no class folders in it (it has test)"),
        (["val/a", "test/a"], "no class folders in it (it has test, val)"),
        (["only"], "only one class, 'only'"),
        (["train/a", "train/b", "test/a"], "test: no image of class 'b'"),
        (["train/a", "test/a", "test/b"], "train: no image of class 'b'"),
    ],
)
def test_layouts_that_are_refused(folders: list[str], words: str, tmp_path: Path) -> None:
    assert words in refused(pictures(tmp_path, *folders))


def test_an_empty_class_is_refused(tmp_path: Path) -> None:
    (pictures(tmp_path, "a", "b") / "c").mkdir()
    assert "class 'c' has no train pictures (c has no .png, .jpg" in refused(tmp_path)


def test_a_class_of_one_picture_cannot_be_cut(tmp_path: Path) -> None:
    picture(pictures(tmp_path, "a", "b") / "c" / "1.png")
    assert "class 'c' has too few train images (1) to cut a test split off" in refused(tmp_path)


def spoilt(root: Path) -> Path:
    """Two classes, four files of which are no pictures."""
    pictures(root, "train/a", "train/b", "test/a", "test/b")
    (root / "train/a/empty.png").touch()
    (root / "train/a/text.jpg").write_text("hello")
    whole = (root / "train/b/0.png").read_bytes()
    (root / "train/b/half.png").write_bytes(whole[: len(whole) // 2])
    (root / "train/b/link.png").symlink_to(root / "nowhere")
    return root


def test_bad_pictures_are_counted_named_and_refused(tmp_path: Path) -> None:
    said = refused(spoilt(tmp_path))
    assert "4 of 24 pictures cannot be used: train/a/empty.png is empty; train/a/text.jpg is not a picture" in said
    assert "; and 1 more. Mend or remove them, or leave them out with --skip-bad" in said
    assert refused(tmp_path) == said


def test_bad_pictures_are_left_out_and_noted_where_the_user_says_so(tmp_path: Path) -> None:
    splits = load(spoilt(tmp_path), skip_bad=True)
    np.testing.assert_array_equal(splits.train.images[:, 3, 3], COLOURS[:10])
    assert splits.train.labels.tolist() == [0] * 5 + [1] * 5
    np.testing.assert_array_equal(splits.test.images[:, 3, 3], COLOURS[10:20])
    assert splits.notes[0].startswith("4 of 24 pictures left out: train/a/empty.png is empty; ")


def test_a_class_that_loses_all_its_pictures_is_refused(tmp_path: Path) -> None:
    pictures(tmp_path, "a", "b")
    (tmp_path / "c").mkdir()
    for name in ("1.png", "2.png"):
        (tmp_path / "c" / name).write_text("hello")
    assert "class 'c' has no train pictures left: none in c can be used" in refused(tmp_path, skip_bad=True)


def test_a_mended_picture_is_seen(tmp_path: Path) -> None:
    pictures(tmp_path, "a", "b")
    (tmp_path / "a/0.png").write_bytes(b"")
    assert "a/0.png is empty" in refused(tmp_path)
    picture(tmp_path / "a/0.png")
    assert len(load(tmp_path).train) == 8


def test_misnamed_pictures_are_read_and_noted(tmp_path: Path) -> None:
    pictures(tmp_path, "a", "b")
    picture(tmp_path / "a/photo.png", form="JPEG")
    picture(tmp_path / "b/still.jpeg", form="GIF")
    assert (
        "read as what they are, not as their names say: a/photo.png is JPEG, b/still.jpeg is GIF"
        in load(tmp_path).notes
    )


def test_long_thin_pictures_are_refused_by_name(tmp_path: Path) -> None:
    pictures(tmp_path, "a", "b")
    picture(tmp_path / "a/line.png", size=(500, 2))
    assert "a/line.png is 500x2: too long and thin to be classified" in refused(tmp_path)


def test_a_second_load_opens_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(pictures(tmp_path, "a", "b"))
    no_decoding(monkeypatch)
    for path in tmp_path.rglob("*.png"):
        path.chmod(0)
    assert load(pictures(tmp_path, "a", "b", count=0)).train.fingerprint == first.train.fingerprint


def test_a_changed_picture_is_seen(tmp_path: Path) -> None:
    before = load(pictures(tmp_path, "a", "b"))
    stat = (tmp_path / "a/0.png").stat()
    picture(tmp_path / "a/0.png", 999)
    os.utime(tmp_path / "a/0.png", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    after = load(tmp_path)
    assert {before.train.fingerprint, before.test.fingerprint} != {after.train.fingerprint, after.test.fingerprint}


def test_a_removed_picture_is_seen(tmp_path: Path) -> None:
    before = load(pictures(tmp_path, "a", "b"))
    (tmp_path / "a/0.png").unlink()
    assert len(load(tmp_path).train) == len(before.train) - 1


def test_a_copied_folder_is_not_decoded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(pictures(tmp_path / "one", "a", "b"))
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    no_decoding(monkeypatch)
    assert load(tmp_path / "two").train.fingerprint == first.train.fingerprint


def test_sizes_and_rules_do_not_share_what_is_decoded(tmp_path: Path) -> None:
    pictures(tmp_path, "a", "b")
    assert load_data(tmp_path, image_size=12).train.image_size == (12, 12)
    assert load_data(tmp_path, image_size=8).train.image_size == (8, 8)
    assert len(list((cache_folder() / "pictures").glob("*-crop-*"))) == 2


def test_interrupted_decoding_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures(tmp_path, "a", "b")
    real = module.open_picture

    def interrupted(path: Path) -> Image.Image:
        if path.name == "3.png":
            raise KeyboardInterrupt
        return real(path)

    monkeypatch.setattr(module, "open_picture", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(tmp_path)
    assert not [path for path in cache_folder().rglob("*") if path.is_file()]
    monkeypatch.undo()


@pytest.mark.parametrize("damaged", ["images.npy", "about.json", "listing"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\x93NUMPY garbage"])
def test_a_damaged_cache_is_made_again(damaged: str, content: bytes, tmp_path: Path) -> None:
    first = load(pictures(tmp_path, "a", "b")).train.fingerprint
    cache = cache_folder() / "pictures"
    path = next((cache / "listings").iterdir()) if damaged == "listing" else next(cache.glob(f"*/{damaged}"))
    path.write_bytes(content)
    assert load(tmp_path).train.fingerprint == first
    assert not list(cache.glob(".decoding-*"))


def test_what_a_killed_decoding_left_is_cleared_away(tmp_path: Path) -> None:
    stale, fresh = (cache_folder() / "pictures" / f".decoding-{name}" for name in ("stale", "fresh"))
    for work in (stale, fresh):
        work.mkdir(parents=True)
    os.utime(stale, (0, 0))
    load(pictures(tmp_path, "a", "b"))
    assert not stale.exists()
    assert fresh.exists()


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TINYLENS_CACHE", str(tmp_path / "file"))
    assert "cannot write the cache" in refused(pictures(tmp_path / "data", "a", "b"))


def test_several_processes_decode_as_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures(tmp_path, "a", "b", count=40)
    (tmp_path / "b" / "bad.png").touch()
    together = load(tmp_path, skip_bad=True)
    monkeypatch.setenv("TINYLENS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "ALONE", 1000)
    alone = load(tmp_path, skip_bad=True)
    assert together.train.fingerprint == alone.train.fingerprint
    assert together.notes == alone.notes


def test_images_stay_on_the_disk(tmp_path: Path) -> None:
    splits = load(pictures(tmp_path, "a", "b"))
    parts = [*splits.all().values(), *splits.with_validation(0.2, 0).all().values()]
    parts += [splits.train.select(np.array([0])), splits.train.sample(4, 0), splits.limited(4).train]
    assert all(isinstance(part.store, np.memmap) for part in parts)
    assert all(part.store is splits.train.store for part in parts)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    pictures(tmp_path, "a", "b", "b/inner")
    (tmp_path / "a/0.png").chmod(0)
    assert "a/0.png cannot be read (Permission denied)" in refused(tmp_path)
    (tmp_path / "b/inner").chmod(0)
    assert "b/inner cannot be read (Permission denied)" in refused(tmp_path)
    (tmp_path / "b/inner").chmod(0o755)


def test_a_link_to_a_class_folder_is_followed_and_one_that_goes_round_is_not(tmp_path: Path) -> None:
    pictures(tmp_path / "elsewhere", "b")
    root = pictures(tmp_path / "data", "a")
    (root / "b").symlink_to(tmp_path / "elsewhere" / "b")
    (root / "a" / "round").symlink_to(root)
    splits = load(root)
    assert splits.classes == ("a", "b")
    assert len(splits.train) + len(splits.test) == 10
