"""Each fault that a folder can have is found, and only that one."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps
from tests.data.checkup.samples import fill, pictures

from tinylens.data import Dataset, Splits
from tinylens.data.checkup import check_modules, examine
from tinylens.data.checkup.checks import balance, blank, repeats, shortcuts
from tinylens.data.checkup.copies import Copies
from tinylens.data.checkup.observation import Observation
from tinylens.data.checkup.survey import Survey, of_splits, survey
from tinylens.errors import DataError, UsageError

PLAIN = {"train/cat": 20, "train/dog": 20, "test/cat": 20, "test/dog": 20}


def told(root: Path) -> dict[str, Observation]:
    """What each check says of a folder, by its code."""
    return {one.code: one for one in examine(survey(root))}


def severities(root: Path) -> dict[str, str]:
    """How bad each check finds a folder, by its code; what is fine left out."""
    return {code: one.severity for code, one in told(root).items() if one.severity != "fine"}


def facts(one: Observation) -> dict[str, Any]:
    """The figures of an observation."""
    return dict(one.facts)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return fill(tmp_path / "plain", PLAIN)


def test_nothing_is_found_in_a_sound_folder(plain: Path) -> None:
    found = told(plain)
    assert list(found) == [module.CODE for module in check_modules()]
    assert {code for code, one in found.items() if one.counts} == set()


def test_a_file_in_train_and_test_is_an_error(plain: Path) -> None:
    shutil.copy(plain / "train/cat/3.png", plain / "test/cat/again.png")
    found = told(plain)["leaks"]
    assert found.severity == "error"
    figures = facts(found)["test in train"]
    assert (figures["equal"], figures["near"]) == (1, 0)
    assert figures["pairs"] == [{"image": "test/cat/again.png", "copy": "train/cat/3.png", "similarity": 1.0}]
    assert len(found.galleries[0].exhibits[0].positions) == 2


def test_changed_copies_across_splits_are_a_warning(plain: Path) -> None:
    first, second, third = (Image.open(plain / f"train/dog/{i}.png") for i in range(3))
    first.save(plain / "test/dog/coded.jpg", quality=70)
    second.resize((40, 40)).save(plain / "test/dog/small.png")
    ImageOps.mirror(third).save(plain / "test/dog/mirrored.png")
    found = told(plain)["leaks"]
    assert found.severity == "warning"
    figures = facts(found)["test in train"]
    assert (figures["equal"], figures["near"], figures["mirrored"]) == (0, 3, 1)
    assert {pair["copy"] for pair in figures["pairs"]} == {f"train/dog/{i}.png" for i in range(3)}


def test_copies_of_a_folder_without_test_split_reach_both_sides_of_the_cut(tmp_path: Path) -> None:
    root = fill(tmp_path / "flat", {"cat": 25, "dog": 25})
    for i in range(25):
        shutil.copy(root / f"cat/{i}.png", root / f"cat/copy-{i}.png")
    found = told(root)
    assert found["leaks"].severity == "error"
    assert found["repeats"].severity == "warning"
    both = facts(found["leaks"])["test in train"]["equal"] + sum(
        facts(found["repeats"])[split]["equal"] for split in ("train", "test")
    )
    assert both >= 25
    assert "cut off" in " ".join(found["files"].remarks)


def test_a_file_in_two_classes_is_an_error(plain: Path) -> None:
    shutil.copy(plain / "train/cat/3.png", plain / "train/dog/3b.png")
    found = told(plain)["conflicts"]
    assert found.severity == "error"
    assert facts(found)["equal"] == [["train/cat/3.png", "train/dog/3b.png"]]
    Image.open(plain / "train/cat/3.png").save(plain / "train/dog/3b.png")
    Image.open(plain / "train/cat/4.png").resize((50, 50)).save(plain / "train/dog/4b.png")
    assert facts(told(plain)["conflicts"])["near"] == [["train/cat/4.png", "train/dog/4b.png"]]


def test_copies_within_a_split_are_counted_without_their_first(plain: Path) -> None:
    for name in ("a", "b"):
        shutil.copy(plain / "train/cat/3.png", plain / f"train/cat/{name}.png")
    ImageOps.mirror(Image.open(plain / "train/cat/3.png")).save(plain / "train/cat/c.png")
    found = told(plain)["repeats"]
    assert found.severity == "warning"  # 2 of 43
    assert "its figures are too good" in found.remedy
    copies = [[f"train/cat/{name}.png" for name in ("3", "a", "b", "c")]]
    assert facts(found)["train"] == {"equal": 2, "equal_or_near": 3, "groups": 1, "largest": 4, "copies": copies}
    assert facts(found)["test"]["groups"] == 0


@pytest.mark.parametrize(
    ("equal", "near", "severity"), [(0, 19, "note"), (0, 20, "warning"), (1, 8, "warning"), (1, 0, "warning")]
)
def test_how_many_copies_there_are_decides_whether_they_are_a_warning(equal: int, near: int, severity: str) -> None:
    found = repeats.check(with_copies(100, equal, near))
    assert found.severity == severity
    assert found.remedy.startswith("keep one of each group") == (severity == "warning")


def test_few_equal_copies_are_a_note_and_a_validation_split_of_its_own_shares_none() -> None:
    assert repeats.check(with_copies(200, 1, 0)).severity == "note"
    assert "validation" in repeats.check(with_copies(200, 1, 0)).remedy
    assert "validation" not in repeats.check(with_copies(200, 1, 0, split="validation")).remedy
    assert repeats.check(with_copies(200, 0, 0)).severity == "fine"


def with_copies(images: int, equal: int, near: int, split: str = "train") -> Survey:
    """A split of so many images, of which the last ones are equal copies, and those before them near ones."""
    first, plain = np.arange(images), images - equal - near
    first[plain + near :] -= plain + near
    pairs = np.array([(i, plain + i) for i in range(near)], dtype=np.int64).reshape(-1, 2)
    pixels = np.zeros((images, 4, 4, 3), np.uint8)
    found = Survey(
        "any", "here", {split: Dataset(pixels, np.arange(images), np.zeros(images, np.int64), ("a", "b"), split)}
    )
    found.__dict__["copies"] = Copies(first, pairs, np.ones(near, np.float32), np.zeros(near, bool))
    return found


@pytest.mark.parametrize("kind", ["L", "RGB"])
def test_a_class_of_grey_images_is_a_shortcut_however_they_are_saved(plain: Path, kind: str) -> None:
    for file in plain.glob("*/cat/*.png"):
        Image.open(file).convert("L").convert(kind).save(file)
    found = told(plain)
    assert found["formats"].severity == "note"
    assert found["shortcuts"].severity == "warning"
    assert facts(found["shortcuts"])["grey or coloured"]["told"] == ["cat", "dog"]


def test_corrupt_files_are_named_and_the_others_checked(plain: Path) -> None:
    (plain / "train/cat/empty.png").write_bytes(b"")
    (plain / "train/cat/text.jpg").write_text("no picture")
    whole = (plain / "train/cat/2.png").read_bytes()
    (plain / "train/cat/cut.png").write_bytes(whole[: len(whole) // 2])
    (plain / "train/dog/linked.png").symlink_to(plain / "nowhere.png")
    shutil.copy(plain / "train/dog/2.png", plain / "train/dog/really.jpg")
    found = told(plain)["files"]
    assert found.severity == "error"
    assert {one["file"] for one in facts(found)["unusable"]} == {
        "train/cat/empty.png", "train/cat/text.jpg", "train/cat/cut.png", "train/dog/linked.png"
    }  # fmt: skip
    assert facts(found)["misnamed"] == ["train/dog/really.jpg is PNG"]
    assert facts(found)["pictures"] == 85


def test_an_empty_class_folder_is_an_error(plain: Path) -> None:
    (plain / "train/bird").mkdir()
    (plain / "test/bird").mkdir()
    found = told(plain)["balance"]
    assert found.severity == "error"
    assert facts(found)["missing"] == [{"split": split, "class": "bird"} for split in ("train", "test")]
    assert "no image of bird in train" in found.found


def test_a_class_without_test_images_is_an_error(tmp_path: Path) -> None:
    root = fill(tmp_path / "half", {"train/cat": 10, "train/dog": 10, "test/cat": 10})
    assert facts(told(root)["balance"])["missing"] == [{"split": "test", "class": "dog"}]


def test_one_class_is_an_error_and_no_picture_at_all_is_refused(tmp_path: Path) -> None:
    root = fill(tmp_path / "one", {"cat": 10})
    assert "only one class" in told(root)["balance"].found
    for file in (root / "cat").iterdir():
        file.write_bytes(b"x")
    with pytest.raises(DataError, match="none of 10 pictures can be used"):
        survey(root)
    shutil.rmtree(root / "cat")
    (root / "cat").mkdir()
    with pytest.raises(DataError, match="no pictures in its 1 class folders"):
        survey(root)


def test_huge_imbalance_is_a_warning_and_a_little_is_none(tmp_path: Path) -> None:
    assert severities(fill(tmp_path / "huge", {"cat": 80, "dog": 4}))["balance"] == "warning"
    found = told(fill(tmp_path / "little", {"cat": 30, "dog": 22}))["balance"]
    assert found.severity == "note"  # few images of a class in the test split
    assert "times the images" not in found.found


def test_splits_of_other_shares_are_a_warning_and_chance_is_none() -> None:
    generator = np.random.default_rng(0)
    for shares, severe in (((0.5, 0.5), False), ((0.9, 0.1), True)):
        labels = [np.array([0, 1, *(generator.random(300) < share)]).astype(np.int64) for share in shares]
        store = np.zeros((302, 8, 8, 3), np.uint8)
        train, test = (
            Dataset(store, np.arange(302), one, ("a", "b"), name)
            for one, name in zip(labels, ("train", "test"), strict=True)
        )
        found = balance.check(of_splits(Splits("made", train, test)))
        assert ("other shares" in found.found) == severe


def test_kinds_and_sizes_are_told(plain: Path) -> None:
    Image.open(plain / "train/cat/0.png").convert("L").save(plain / "train/cat/0.png")
    Image.open(plain / "train/cat/1.png").convert("RGBA").save(plain / "train/cat/1.png")
    Image.open(plain / "train/cat/2.png").convert("P").save(plain / "train/cat/2.png")
    Image.open(plain / "train/cat/3.png").convert("CMYK").save(plain / "train/cat/3.jpg")
    Image.open(plain / "train/cat/4.png").resize((20, 80)).save(plain / "train/cat/4.png")
    found = told(plain)["formats"]
    assert found.severity == "note"
    kinds = {"PNG, colour", "PNG, grey", "PNG, colour, transparency", "PNG, palette", "JPEG, CMYK"}
    assert facts(found)["kinds"].keys() == kinds
    assert facts(found)["sizes"] == {"64×64": 80, "20×80": 1}
    assert facts(found)["grey"] == 1
    for words in ("1 picture smaller than 32×32", "1 picture cut by a quarter", "1 of 81 images are grey"):
        assert words in found.found


def test_blank_images_are_found_in_any_colour(plain: Path) -> None:
    for name, colour in {"black": (0, 0, 0), "white": (255, 255, 255), "red": (200, 10, 10)}.items():
        Image.new("RGB", (64, 64), colour).save(plain / f"train/cat/{name}.jpg")
    Image.new("RGBA", (64, 64), (5, 5, 5, 0)).save(plain / "train/cat/clear.png")
    found = told(plain)
    assert found["blank"].severity == "warning"
    assert set(facts(found["blank"])["blank"]) == {f"train/cat/{name}" for name in
                                                 ("black.jpg", "white.jpg", "red.jpg", "clear.png")}  # fmt: skip
    assert found["leaks"].severity == "fine"


def test_an_odd_image_is_shown(plain: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(noise).save(plain / "train/cat/noise.png")
    assert "train/cat/noise.png" in facts(told(plain)["blank"])["odd"]["rough, as noise is"]


def test_few_images_are_never_odd() -> None:
    traits = np.zeros((10, 4), np.float32)
    traits[0] = 1000
    assert "bright" in blank.unusual(traits, np.arange(10))
    store = np.stack([np.asarray(image.resize((8, 8))) for image in pictures()[:20]])
    store[3] = 255 - store[3]
    labels = np.arange(10) % 2
    splits = Splits("few", *(Dataset(store, rows, labels, ("a", "b"), "s") for rows in np.split(np.arange(20), 2)))
    assert facts(blank.check(of_splits(splits)))["odd"] == {}


def framed(image: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """The picture with a frame."""
    return ImageOps.expand(image.crop((4, 4, 60, 60)), 4, colour)


def test_a_border_colour_that_tells_the_class_is_a_warning(plain: Path) -> None:
    for file in sorted(plain.glob("*/cat/*.png")):
        framed(Image.open(file), (200, 30, 30)).save(file)
    found = told(plain)["shortcuts"]
    assert found.severity == "warning"
    assert "border colour tells" in found.found
    assert "cat" in facts(found)["border colour"]["told"]
    low, high = facts(found)["border colour"]["interval"]
    assert 0.7 < low < facts(found)["border colour"]["accuracy"] <= high <= 1


def test_a_border_is_found_on_few_images_too(tmp_path: Path) -> None:
    root = fill(tmp_path / "few", {"cat": 10, "dog": 10})
    for file in sorted(root.glob("cat/*.png")):
        framed(Image.open(file), (200, 30, 30)).save(file)
    assert "border colour tells" in told(root)["shortcuts"].found


def test_luck_is_counted_as_fisher_does() -> None:
    labels = np.repeat([0, 1], 8)
    predicted = np.repeat([0, 1, 1], [7, 1, 8])
    first, second = shortcuts.classes_told("made", predicted, labels, 2)
    assert (first.recall, first.precision) == (0.875, 1.0)
    for one in (first, second):  # 7 of 8 in 7 drawn of 16, and 8 of 8 in 9 drawn
        assert one.p_value == pytest.approx(2 * 8 / 11440)


def test_a_watermark_that_tells_the_class_is_a_warning(plain: Path) -> None:
    for file in sorted(plain.glob("*/cat/*.png")):
        image = Image.open(file).copy()
        image.paste((255, 255, 255), (44, 46, 56, 58))
        image.save(file)
    found = told(plain)["shortcuts"]
    assert found.severity == "warning"
    assert "cat" in facts(found)["mark"]["told"]


def test_a_mark_is_looked_for_on_images_that_it_was_not_learned_from() -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    labels = np.repeat([3, 5], 20)
    assert not shortcuts.marks(images, labels, None).any()
    images[:20, 2:6, 2:6] = (250, 10, 10)
    images[:20, 12:20, 12:20] = 0  # the middle is what the picture shows
    images[25, 2:6, 2:6] = (240, 20, 5)
    found = shortcuts.marks(images, labels, None)
    assert (found[:20, 0] == 1).all()
    assert np.flatnonzero(found[20:, 0] > 0.5).tolist() == [5]
    assert not found[:, 1].any()


def test_what_digits_are_is_no_mark_and_a_spot_in_their_corner_is(digits: Splits) -> None:
    clean = shortcuts.check(of_splits(digits))
    assert clean is not None
    assert "mark" not in facts(clean)
    store = digits.train.store.copy()
    threes = np.concatenate([split.rows[split.labels == 3] for split in digits.all().values()])
    store[threes, 1:5, 1:5] = 255
    spoiled = (replace(split, store=store) for split in digits.all().values())
    found = shortcuts.check(of_splits(Splits("spotted", *spoiled)))
    assert found is not None
    assert facts(found)["mark"]["told"] == ["3"]


def test_a_border_on_half_of_a_class_is_found_too(patches: np.ndarray) -> None:
    generator = np.random.default_rng(0)
    store, labels = patches[generator.permutation(len(patches))[:600]].copy(), np.arange(600) % 2
    framed = labels * np.arange(600) % 4 == 1
    for border in (np.s_[:, :2], np.s_[:, -2:], np.s_[:, :, :2], np.s_[:, :, -2:]):
        store[border][framed] = (200, 30, 30)
    parts = (Dataset(store, rows, labels[rows], ("cat", "dog"), "s") for rows in np.split(np.arange(600), [400]))
    found = shortcuts.check(of_splits(Splits("framed", *parts)))
    assert found is not None
    assert facts(found)["border colour"]["told"] == ["dog"]


def test_a_file_size_that_tells_the_class_is_a_warning(tmp_path: Path) -> None:
    root = fill(tmp_path / "sizes", {"cat": 40, "dog": 40})
    for file in sorted(root.glob("*/*.png")):
        Image.open(file).save(file.with_suffix(".jpg"), quality=95 if file.parent.name == "cat" else 25)
        file.unlink()
    found = told(root)["shortcuts"]
    assert facts(found)["file size"]["told"] == ["cat", "dog"]
    assert facts(found)["border colour"]["told"] == []
    sizes = next(one for one in found.galleries if "told by its file size" in one.title)
    assert all(shown.caption.endswith(" bytes") for shown in sizes.exhibits)


def test_that_a_full_picture_takes_more_bytes_tells_nothing(digits: Splits, tmp_path: Path) -> None:
    for name, split in digits.all().items():
        for i, (row, label) in enumerate(zip(split.rows, split.labels, strict=True)):
            place = tmp_path / name / split.classes[label] / f"{i}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(split.store[row]).convert("L").save(place, compress_level=1)
    assert facts(told(tmp_path)["shortcuts"])["file size"]["told"] == []


def test_a_size_and_a_kind_that_tell_the_class_are_warnings(tmp_path: Path) -> None:
    root = fill(tmp_path / "kinds", {"cat": 40, "dog": 40})
    for file in sorted((root / "cat").iterdir()):
        Image.open(file).convert("P").resize((48, 48)).save(file)
    found = facts(told(root)["shortcuts"])
    assert found["width and height"]["told"] == found["kind of file"]["told"] == ["cat", "dog"]


@pytest.mark.parametrize("counts", [(20, 20), (100, 100), (300, 30), (40, 40, 40, 40, 40), (8,) * 12])
def test_luck_is_no_shortcut(counts: tuple[int, ...]) -> None:
    generator = np.random.default_rng(len(counts))
    labels = np.repeat(np.arange(len(counts)), counts)
    for _ in range(12):
        coarse = generator.integers(0, 3, (len(labels), 1)).astype(float)
        for values in (generator.normal(size=(len(labels), 12)), coarse):
            probabilities = shortcuts.out_of_fold(values, labels)
            called = shortcuts.surely(probabilities, np.unique(labels))
            assert not any(shortcuts.is_shortcut(one) for one in shortcuts.classes_told("luck", called, labels, 5))
            share, reach = shortcuts.balanced_accuracy(probabilities.argmax(axis=1), labels)
            assert abs(share - 1 / len(counts)) < 2.5 * reach


def test_copies_on_both_sides_of_a_fold_make_no_shortcut(tmp_path: Path) -> None:
    root = fill(tmp_path / "copied", {"cat": 12, "dog": 12})
    for file in sorted(root.glob("*/*.png")):
        for i in range(5):
            shutil.copy(file, file.with_name(f"{file.stem}-{i}.png"))
    assert severities(root).get("shortcuts") is None


def test_json_names_every_image_of_an_exhibit(plain: Path) -> None:
    shutil.copy(plain / "train/cat/3.png", plain / "train/dog/3b.png")
    found = survey(plain)
    value = told(plain)["conflicts"].to_json(found)
    assert value["severity"] == "error"
    assert value["exhibits"][0]["images"] == [
        {"split": "train", "index": 13, "class": "cat", "file": "train/cat/3.png"},
        {"split": "train", "index": 34, "class": "dog", "file": "train/dog/3b.png"},
    ]


def test_a_split_without_any_picture_is_an_error(plain: Path) -> None:
    for file in plain.glob("test/*/*.png"):
        file.write_bytes(b"x")
    found = told(plain)
    assert found["balance"].severity == "error"
    assert facts(found["balance"])["missing_splits"] == ["test"]
    assert "no test images" in found["balance"].found
    assert "no test folder" not in " ".join(found["files"].remarks)


def test_too_few_images_to_cut_a_test_split_off_are_an_error(tmp_path: Path) -> None:
    found = told(fill(tmp_path / "few", {"cat": 5, "dog": 1}))
    assert facts(found["balance"])["missing_splits"] == ["test"]
    assert "too few images of a class" in " ".join(found["files"].remarks)
    assert "leaks" not in found


def test_pictures_that_lie_on_their_side_are_told_by_their_upright_size(plain: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for form in ("jpg", "webp", "png"):
        Image.open(plain / "train/cat/0.png").resize((80, 40)).save(plain / f"train/cat/turned.{form}", exif=exif)
    assert facts(told(plain)["formats"])["sizes"] == {"64×64": 80, "40×80": 3}


def test_large_images_are_read_a_few_at_a_time() -> None:
    store = np.zeros((6, 2000, 1500, 3), np.uint8)
    halves = np.split(np.arange(6), 2)
    splits = Splits("large", *(Dataset(store, rows, np.array([0, 1, 0]), ("a", "b"), "s") for rows in halves))
    assert [len(images) for images in of_splits(splits).batches()] == [1] * 6


def test_no_name_is_not_the_folder_here() -> None:
    with pytest.raises(UsageError, match="no data ''"):
        survey("")


def test_where_not_all_is_shown_it_is_said_and_a_picture_in_many_classes_is_shown_in_a_few() -> None:
    store = np.zeros((80, 32, 32, 3), np.uint8)
    rows, labels = np.arange(40), np.repeat(np.arange(10), 4)
    classes = tuple("abcdefghij")
    parts = (Dataset(store, rows + start, labels, classes, name) for start, name in ((0, "train"), (40, "test")))
    found = {one.code: one for one in examine(of_splits(Splits("blank", *parts)))}
    assert found["blank"].galleries[0].title == "Blank: 80 images, 24 of them shown"
    (torn,) = found["conflicts"].galleries[0].exhibits
    assert (len(torn.positions), torn.caption) == (6, "a / b / c / d / e / f and 4 more")
    assert [len(one) for one in facts(found["conflicts"])["equal"]] == [10]


def test_unusable_files_beyond_those_shown_are_counted(plain: Path) -> None:
    for i in range(60):
        (plain / f"train/cat/bad-{i}.png").write_bytes(b"x")
    found = told(plain)["files"]
    assert len(found.tables[0].rows) == 51
    assert found.tables[0].rows[-1][0] == "and 10 more"
    assert len(facts(found)["unusable"]) == 60


def test_cut_and_enlarged_pictures_are_shown(plain: Path) -> None:
    Image.open(plain / "train/cat/4.png").resize((20, 80)).save(plain / "train/cat/4.png")
    shown = [one.exhibits[0].caption for one in told(plain)["formats"].galleries]
    assert shown == ["cat, train/cat/4.png, 20×80"] * 2
