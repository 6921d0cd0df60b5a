"""The lens: the same figures after loading, from whatever source; clear words for what it cannot be meant for."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from tinylens.conformal import Conformal
from tinylens.data import Splits
from tinylens.errors import DataError, TinylensError, UsageError
from tinylens.lens import Lens
from tinylens.runs import Run
from tinylens.training.fit import fit

GREY = np.full((32, 32, 3), 99, np.uint8)


@pytest.fixture(scope="module")
def lens(trained: tuple[Run, Splits]) -> Lens:
    return trained[0].lens


@pytest.fixture
def image(trained: tuple[Run, Splits]) -> np.ndarray:
    return trained[1].test.images[0]


def test_saving_and_loading_gives_the_same_logits(trained: tuple[Run, Splits], lens: Lens, tmp_path: Path) -> None:
    images = trained[1].test.images[:200]
    lens.save(tmp_path)
    assert torch.equal(Lens.load(tmp_path).logits(images), lens.logits(images))
    assert torch.equal(Lens.load(trained[0].path).logits(images), lens.logits(images))


def test_a_lens_with_a_recipe_of_the_user_s_own_loads_in_another_process(
    prepare: Callable[..., tuple[Run, Splits]], tmp_path: Path
) -> None:
    run, splits = prepare(epochs=1)
    fit(run, splits, progress=False)
    moved = shutil.copytree(run.path / "lens", tmp_path / "elsewhere")
    np.save(tmp_path / "images.npy", splits.test.images)
    program = (
        "import sys, numpy, tinylens; lens = tinylens.Lens.load(sys.argv[1]); "
        "numpy.save(sys.argv[3], lens.logits(numpy.load(sys.argv[2])).numpy())"
    )
    out = tmp_path / "logits.npy"
    subprocess.run([sys.executable, "-c", program, moved, tmp_path / "images.npy", out], check=True)
    assert np.allclose(np.load(out), run.lens.logits(splits.test.images).numpy(), atol=1e-6)
    assert sorted(file.name for file in moved.iterdir()) == ["lens.json", "model.safetensors", "recipe.py"]


def test_a_lens_computes_in_the_precision_that_its_recipe_says(trained: tuple[Run, Splits], lens: Lens) -> None:
    images = trained[1].test.images
    rounded = replace(lens, recipe=lens.recipe.model_copy(update={"lens_precision": "bfloat16"}))
    exact, near = lens.logits(images), rounded.logits(images)
    assert near.dtype == torch.float32
    assert 0 < (near - exact).abs().max() < 0.02 * exact.std()
    assert (near.argmax(dim=1) == exact.argmax(dim=1)).float().mean() > 0.99


def test_every_kind_of_source_gives_the_same_prediction(lens: Lens, image: np.ndarray, tmp_path: Path) -> None:
    file = tmp_path / "three.png"
    Image.fromarray(image).save(file)
    sources: list[Any] = [file, str(file), file.read_bytes(), tmp_path, Image.open(file), image, image[None], [image]]
    predictions = [lens.predict(source) for source in sources]
    assert len({(len(found), found[0].top) for found in predictions}) == 1
    assert predictions[0][0].file == str(file)
    assert predictions[3][0].file == str(file)


def test_predictions_come_in_order_and_probabilities_sum_to_one(trained: tuple[Run, Splits], lens: Lens) -> None:
    images = trained[1].test.images[:50]
    found = lens.predict([*images[:25], images[25:]], top=10)
    assert len(found) == 50
    for prediction in found:
        shares = [share for _, share in prediction.top]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert (prediction.label, prediction.probability) == prediction.top[0]
    labels = [lens.classes[i] for i in trained[1].test.labels[:50]]
    assert sum(p.label == label for p, label in zip(found, labels, strict=True)) > 40


def test_temperature_softens_and_changes_no_order(lens: Lens, tmp_path: Path, image: np.ndarray) -> None:
    lens.save(tmp_path)
    warm = Lens.load(tmp_path)
    warm.temperature = 4.0
    warm.save(tmp_path)
    sharp, soft = lens.predict(image)[0], Lens.load(tmp_path).predict(image)[0]
    assert [name for name, _ in soft.top] == [name for name, _ in sharp.top]
    assert soft.probability < sharp.probability


def test_a_conformal_set_holds_the_classes_that_are_probable_enough(
    trained: tuple[Run, Splits], lens: Lens, tmp_path: Path
) -> None:
    lens.save(tmp_path)
    calibrated = Lens.load(tmp_path)
    assert calibrated.conformal is None
    with pytest.raises(UsageError, match="never judged on validation images"):
        calibrated.predict(GREY, coverage=0.9)
    validation = trained[1]["validation"]
    calibrated.conformal = Conformal.fitted(calibrated.probabilities(validation.images), validation.labels)
    calibrated.save(tmp_path)
    again = Lens.load(tmp_path)
    assert again.conformal == calibrated.conformal
    images, labels = trained[1].test.images, trained[1].test.labels
    found = again.predict(images, top=1, coverage=0.9)
    least = again.sets_for(0.9)
    shares = again.probabilities(images)
    for one, row in zip(found[:40], shares[:40], strict=True):
        assert one.among is not None
        assert set(one.among) == {again.classes[i] for i in np.flatnonzero(row >= least)}
        assert list(one.among) == sorted(one.among, key=lambda name: -row[again.classes.index(name)])
    held = [again.classes[label] in (one.among or ()) for one, label in zip(found, labels, strict=True)]
    assert 0.8 < np.mean(held) < 0.98
    with pytest.raises(UsageError, match="coverage 95: can be"):
        again.predict(GREY, coverage=95.0)


def test_pictures_of_any_mode_and_size_are_taken(lens: Lens) -> None:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "YCbCr", "HSV", "LAB"):
        assert lens.predict(Image.new(mode, (50, 40)))[0].label in lens.classes
    assert len(lens.predict(np.zeros((2, 64, 48, 3), np.uint8))) == 2


def damaged_picture() -> bytes:
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)).save(whole, "PNG")
    return whole.getvalue()[:500]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (GREY / 255, "this array is float64; multiply by 255 and round"),
        (GREY.astype(np.float32), "this array is float32$"),
        (GREY.astype(np.int64), "this array is int64$"),
        (np.zeros((2, 3, 32, 32), np.uint8), r"not \(2, 3, 32, 32\); move the channels to the end"),
        (np.zeros((32, 32), np.uint8), r"not \(32, 32\)"),
        (np.zeros((32, 32, 4), np.uint8), r"not \(32, 32, 4\)"),
        (np.zeros((0, 32, 32, 3), np.uint8), r"not \(0, 32, 32, 3\)"),
        (np.zeros((1, 1, 3), np.uint8), "image 0 is 1x1 pixels: too small"),
        (Image.new("RGB", (1, 1)), "image is 1x1 pixels: too small"),
        (Image.new("RGB", (3000, 5)), "too long and thin"),
        ("nowhere.png", "nowhere.png cannot be read"),
        ("", "the path is empty"),
        ("a\0b", "cannot be read: embedded null"),
        ("x" * 5000, "cannot be read: File name too long"),
        (b"", "is empty"),
        (b"junk", "is not a picture in a known format"),
        (damaged_picture(), "is damaged"),
        ([], "the list is empty"),
    ],
)
def test_what_it_cannot_be_meant_for_is_refused_in_one_line(lens: Lens, source: Any, said: str) -> None:
    with pytest.raises(DataError, match=said) as failed:
        lens.predict(source)
    assert "\n" not in str(failed.value)


def test_an_empty_folder_and_a_broken_picture_in_one_are_named(lens: Lens, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no pictures in this folder"):
        lens.predict(tmp_path)
    (tmp_path / "bad.png").write_bytes(damaged_picture())
    with pytest.raises(DataError, match=r"bad\.png is damaged"):
        lens.predict(tmp_path)
    with Image.open(tmp_path / "bad.png") as lazy, pytest.raises(DataError, match="image is damaged"):
        lens.predict(lazy)


def test_at_least_one_class_is_told(lens: Lens) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        lens.predict(GREY, top=0)


def test_read_only_and_reversed_arrays_are_taken(lens: Lens) -> None:
    images = np.stack([GREY, GREY // 2])
    images.flags.writeable = False
    assert torch.equal(lens.logits(images)[1], lens.logits(images[::-1])[0])


def test_using_a_lens_leaves_its_network_in_the_mode_that_it_was_in(lens: Lens) -> None:
    for mode in (True, False):
        lens.network.train(mode)
        lens.logits(GREY[None])
        assert lens.network.training == mode


DAMAGE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "nothing": lambda about: {},
    "a list": lambda about: [1],
    "another format": lambda about: about | {"format": 2},
    "too few classes": lambda about: about | {"classes": about["classes"][:9]},
    "no classes": lambda about: about | {"classes": []},
    "classes that are text": lambda about: about | {"classes": "0123456789"},
    "superclasses too few": lambda about: about | {"superclasses": ["a"]},
    "temperature 0": lambda about: about | {"temperature": 0},
    "temperature NaN": lambda about: about | {"temperature": float("nan")},
    "temperature of text": lambda about: about | {"temperature": "warm"},
    "thresholds of text": lambda about: about | {"conformal": "many"},
    "too few thresholds": lambda about: about | {"conformal": [0.5]},
    "no recipe": lambda about: about | {"recipe": None},
    "an unknown recipe": lambda about: about | {"recipe": {"name": "zzz", "fields": {}}},
    "a wrong field": lambda about: about | {"recipe": {"name": "four-by-four", "fields": {"epochs": 0}}},
    "another size": lambda about: about | {"recipe": {"name": "four-by-four", "fields": {"image_size": 64}}},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_description_is_refused_in_one_line(
    lens: Lens, tmp_path: Path, damage: Callable[[dict[str, Any]], Any]
) -> None:
    lens.save(tmp_path)
    file = tmp_path / "lens.json"
    file.write_text(json.dumps(damage(json.loads(file.read_text()))))
    with pytest.raises(TinylensError) as failed:
        Lens.load(tmp_path)
    assert str(tmp_path) in str(failed.value)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("damage", ["missing", "empty", "junk", "cut", "not finite"])
def test_damaged_weights_are_refused_in_one_line(lens: Lens, tmp_path: Path, damage: str) -> None:
    lens.save(tmp_path)
    file = tmp_path / "model.safetensors"
    whole = file.read_bytes()
    if damage == "missing":
        file.unlink()
    elif damage == "not finite":
        weights = load_file(file)
        weights["network.dense2.bias"][0] = float("nan")
        save_file(weights, file)
    else:
        file.write_bytes({"empty": b"", "junk": b"junk" * 9, "cut": whole[:-9]}[damage])
    with pytest.raises(TinylensError, match="is not a usable lens: ") as failed:
        Lens.load(tmp_path)
    assert "\n" not in str(failed.value)


def test_a_recipe_elsewhere_is_not_run_for_a_lens(lens: Lens, tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'was here')!r}, 'w')")
    lens.save(tmp_path / "lens")
    file = tmp_path / "lens" / "lens.json"
    for name in ("../evil.py", str(tmp_path / "evil.py")):
        file.write_text(json.dumps(json.loads(file.read_text()) | {"recipe": {"name": name, "fields": {}}}))
        with pytest.raises(TinylensError, match="does not have"):
            Lens.load(tmp_path / "lens")
    assert not (tmp_path / "was here").exists()


def test_a_missing_lens_is_told(tmp_path: Path) -> None:
    with pytest.raises(TinylensError, match="holds no lens"):
        Lens.load(tmp_path)
