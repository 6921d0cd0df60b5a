"""What measures Tinylens and, where that needs nothing that is not here, its peers."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.benchmarks.conftest import BENCHMARKS

from tinylens.errors import DataError, TinylensError, UsageError

Import = Callable[[str], Any]


@pytest.fixture
def images(tmp_path: Path) -> str:
    """Noise in a file, as the benchmarks write it."""
    x = np.random.default_rng(0).integers(0, 256, (240, 32, 32, 3), dtype=np.uint8)
    y = np.arange(240) % 10
    np.savez(tmp_path / "images.npz", x_train=x, y_train=y, x_test=x[:40], y_test=y[:40])
    return str(tmp_path / "images.npz")


def test_a_recipe_is_measured_in_training(module: Import, images: str) -> None:
    job = {"recipe": "four-by-four", "settings": {}, "images": images, "seconds": 0.1}
    found = module("tinylens_training").measure(job)
    assert found["parameters"] == 225_610
    assert found["seconds"] >= 0.1
    assert found["images_per_second"] == pytest.approx(found["images"] / found["seconds"])
    assert 24 * found["steps"] <= found["images"] <= 32 * found["steps"]


def test_a_recipe_is_trained_for_a_time_and_judged(module: Import, images: str) -> None:
    found = module("tinylens_timed").measure({"recipe": "four-by-four", "images": images, "seconds": 1.0, "seed": 3})
    assert 0 <= found["accuracy"] <= 1
    assert found["tested"] == 40
    assert found["seconds"] < 2
    assert found["images"] > 216


def test_images_seen_are_counted_with_the_last_batch_of_each_epoch(module: Import) -> None:
    seen = module("tinylens_timed").seen
    assert [seen(steps, 100, 32) for steps in (1, 3, 4, 5, 8)] == [32, 96, 100, 132, 200]


def test_a_lens_is_measured_by_images_a_call(module: Import, images: str) -> None:
    job = {"recipe": "four-by-four", "settings": {}, "images": images, "batches": [1, 32], "seconds": 0.02}
    found = module("tinylens_inference").measure(job)
    assert found["views"] == 1
    for images_a_call, batch in ((1, found["batches"]["1"]), (32, found["batches"]["32"])):
        assert batch["calls"] >= 5
        assert batch["images_per_second"] == pytest.approx(images_a_call / batch["call_seconds"])


def test_the_parts_of_a_step_are_measured(module: Import) -> None:
    found = module("tinylens_budget").measure({"recipe": "four-by-four", "seconds": 0.05})
    assert sum(found["parts"].values()) == pytest.approx(found["step_seconds"])
    assert all(layer["forward"] > 0 for layer in found["layers"] if layer["flop"])
    assert "torch" in found["versions"]


def test_growth_is_measured_in_time_and_memory(module: Import, images: str) -> None:
    job = {"recipe": "four-by-four", "images": images, "image_size": 24, "seconds": 0.05}
    found = module("tinylens_growth").measure(job)
    assert found["training_images"] == 216  # a tenth is for validation
    assert found["epoch_seconds"] == pytest.approx(216 / found["images_per_second"])
    assert 1e7 < found["bytes_at_start"] <= found["bytes_loaded"] <= found["bytes_at_most"]


def test_a_point_stays_what_it_was_whatever_is_measured_there(module: Import, tmp_path: Path) -> None:
    given = {"images": (200,), "sizes": (), "classes": (), "recipe": "four-by-four", "seconds": 0.05}
    module("growth").growth(**given, out=tmp_path / "growth.json")
    (row,) = json.loads((tmp_path / "growth.json").read_text())["measurements"]
    assert "error" not in row
    assert (row["images"], row["training_images"]) == (200, 180)


def test_one_thing_grows_at_a_time(module: Import) -> None:
    growth = module("growth")
    points = list(growth.all_points((100, 10), (16,), (5,)))
    assert [(grows, *point.values()) for grows, point in points] == [
        ("images", 10, 32, 10),
        ("images", 100, 32, 10),
        ("image_size", 10_000, 16, 10),
        ("classes", 10_000, 32, 5),
    ]
    with pytest.raises(UsageError, match="images 10: there must be two classes, ten images of each"):
        growth.require_possible(points)


def test_keras_layers_are_the_same_in_plain_pytorch(module: Import) -> None:
    torch, keras = pytest.importorskip("torch"), pytest.importorskip("keras")
    plain, ours = module("torch_network"), module("keras_network")
    images = torch.zeros(2, 3, 32, 32)
    for recipe, settings, classes, _ in ours.every_model():
        if recipe.startswith("elu-net"):
            continue  # 40 million weights, and no kind of layer that the others lack
        layers = ours.layers({"recipe": recipe, "settings": settings})
        network = plain.sized(plain.network(layers), images)
        model = keras.Sequential([keras.Input((32, 32, 3)), *layers])
        model(np.zeros((2, 32, 32, 3), np.float32))
        assert network(images).shape == (2, classes)
        learned = sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
        assert learned == sum(int(np.prod(weight.shape)) for weight in model.trainable_weights), (recipe, settings)


def test_a_layer_that_is_not_known_is_named(module: Import) -> None:
    keras = pytest.importorskip("keras")
    with pytest.raises(ValueError, match=r"^no layer of PyTorch is known for Conv1D$"):
        module("torch_network").network([keras.layers.Conv1D(3, 3)])


@pytest.mark.parametrize("script", ["keras_training", "torch_training"])
def test_a_model_is_measured_in_training_elsewhere(module: Import, images: str, script: str) -> None:
    pytest.importorskip("keras")
    job = {"recipe": "four-by-four", "settings": {}, "images": images, "seconds": 0.05, "precision": "float32"}
    found = module(script).measure(job | {"batch_size": 32, "optimizer": {"kind": "adam", "lr": 0.001}})
    assert found["parameters"] == 225_610
    assert found["images_per_second"] == pytest.approx(found["images"] / found["seconds"])


@pytest.mark.parametrize("way", ["predict", "call"])
def test_a_model_is_measured_in_use_elsewhere(module: Import, images: str, way: str) -> None:
    pytest.importorskip("keras")
    job = {"recipe": "four-by-four", "settings": {}, "images": images, "batches": [2], "seconds": 0.01}
    found = module("keras_inference").measure(job | {"precision": "float32", "way": way})
    assert found["batches"]["2"]["calls"] >= 5


def test_what_a_side_cannot_do_is_an_error_and_no_end(
    module: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = module("running")
    monkeypatch.setattr(running, "HERE", tmp_path)
    (tmp_path / "good.py").write_text(
        "import json, sys\nprint('noise')\nprint(json.dumps({'got': json.loads(sys.argv[1])}))"
    )
    (tmp_path / "bad.py").write_text("raise ValueError('no such thing')")
    (tmp_path / "mute.py").write_text("print('hello')")
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(60)")
    good = running.measured(running.Side("A", "good.py", None, {"b": 2}), {"a": 1}, tmp_path)
    assert good["got"] == {"a": 1, "b": 2}
    assert good["side"] == "A"
    found = {
        name: running.measured(running.Side(name, f"{name}.py"), {}, tmp_path, 0.5)["error"]
        for name in ("bad", "mute", "slow")
    }
    assert found == {
        "bad": "ValueError: no such thing",
        "mute": "it printed no JSON but hello",
        "slow": "not done after 0 s",
    }


def test_a_peer_that_cannot_be_installed_is_an_error_and_no_end(
    module: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, environments = module("running"), module("environments")
    with pytest.raises(TinylensError, match=r"No module named 'nothing_of_the_kind'$"):
        environments.call(sys.executable, "-c", "import nothing_of_the_kind")
    monkeypatch.setattr(environments, "PEERS", tmp_path)
    (tmp_path / "odd.txt").write_text("odd==1")

    def refuse(*command: str) -> None:
        raise TinylensError("no odd")

    monkeypatch.setattr(environments, "call", refuse)
    found = running.measured(running.Side("A", "a.py", "odd"), {}, tmp_path)
    assert found == {"side": "A", "error": "odd.txt cannot be installed here: no odd", "others": None}


def test_what_is_not_measured_anew_is_kept(module: Import, tmp_path: Path) -> None:
    kept, sides, file = module("five_minutes").kept, module("five_minutes").SIDES, tmp_path / "a.json"
    assert kept(file, 300.0, sides[:1]) == []
    rows = [{"side": side.name, "round": 1} for side in sides]
    file.write_text(json.dumps({"seconds": 300.0, "measurements": rows}))
    assert kept(file, 300.0, sides[1:3]) == [rows[0], *rows[3:]]
    assert kept(file, 20.0, sides[:1]) == kept(file, 300.0, sides) == []


def test_sides_are_chosen_by_name(module: Import) -> None:
    chosen, sides = module("running").chosen, module("throughput").SIDES
    names = [side.name for side in sides]
    assert [side.name for side in chosen(sides, (), 3)] == ["Tinylens", "Keras float32", "Keras mixed_bfloat16"]
    assert [side.name for side in chosen(sides, ("all",), 3)] == names
    assert [side.name for side in chosen(sides, ("PyTorch", "Tinylens"), 3)] == ["Tinylens", "PyTorch"]
    with pytest.raises(UsageError, match=r"no side is called 'MXNet'; there are Tinylens, Keras float32, "):
        chosen(sides, ("MXNet",), 3)


def test_epochs_without_a_step_to_time_are_refused(module: Import) -> None:
    clock = module("clock").Clock(1.0)
    for seen in (0, 32, 0, 32, 0, 32):  # the first and the last step of each are not timed
        clock.step_begins(seen)
    with pytest.raises(ValueError, match="an epoch of fewer than three steps cannot be timed"):
        clock.step_begins(0)


def test_a_budget_tells_how_often_something_fits(module: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = module("clock")
    now = [100.0]
    monkeypatch.setattr(clock.time, "perf_counter", lambda: now[0])
    budget = clock.Budget(100)
    now[0] += 17
    assert budget.fits(8) == 10  # of the 80 seconds that are left, with 3 to spare
    assert budget.fits(1000) == 1
    assert not budget.over
    now[0] += 83
    assert budget.over


def test_images_are_written_for_those_who_want_pictures(module: Import, tmp_path: Path) -> None:
    said = module("images").write_whole("digits", tmp_path / "digits.npz", tmp_path / "digits", None)
    with np.load(tmp_path / "digits.npz") as arrays:
        training, test = len(arrays["x_train"]), len(arrays["x_test"])
    assert said.startswith(f"{training:,} training and {test:,} test images of digits")
    counts = {split: len(list((tmp_path / "digits" / split).glob("*/*.png"))) for split in ("train", "val", "test")}
    assert counts["test"] == test
    assert counts["train"] + counts["val"] == training
    assert sorted(place.name for place in (tmp_path / "digits" / "test").iterdir()) == [f"{i}-{i}" for i in range(10)]
    with pytest.raises(DataError):
        module("images").write_whole("cifar10", tmp_path / "c.npz", tmp_path / "c", tmp_path)


def test_the_command_says_what_is_wrong_in_a_line(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS), "five-minutes", "--seconds", "0", "--out", str(tmp_path / "a.json")]
    variables = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 2
    assert done.stderr == "--seconds 0: it must be more than 0\n"
