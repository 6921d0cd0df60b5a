"""Profiles: the parts make the whole, the work is what the layers' shapes say, and a trace is read right."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from tests.calling import Here

from tinylens.errors import TinylensError
from tinylens.profiling import BETWEEN, Profile, profile
from tinylens.profiling.figure import plot_profile
from tinylens.profiling.trace import PARTS, read, together

BATCH = 32


@pytest.fixture(scope="module")
def found() -> Profile:
    return profile("four-by-four", seconds=0.2, settings={"precision": "float32"})


def test_the_parts_make_up_the_step(found: Profile) -> None:
    assert tuple(found.parts) == PARTS
    assert sum(found.parts.values()) == pytest.approx(found.step_seconds, rel=1e-6)
    assert all(seconds > 0 for seconds in found.parts.values())
    assert found.images_per_second == pytest.approx(BATCH / found.step_seconds)
    assert found.steps >= 3
    assert found.traced_steps >= 3


def test_layers_stand_in_order_and_make_up_both_passes(found: Profile) -> None:
    names = ["conv1", "pool1", "relu1", "conv2", "pool2", "relu2", "flatten", "dense1", "relu3", "dense2"]
    assert [layer.name for layer in found.layers] == [*names, BETWEEN]
    for way in ("forward", "backward"):
        assert sum(getattr(layer, way) for layer in found.layers) == pytest.approx(found.parts[way], rel=1e-6)
    for layer in found.layers:
        if layer.kind in ("Conv2d", "Linear"):
            assert layer.forward > 0
            assert layer.backward > 0


def test_the_work_is_what_the_shapes_say(found: Profile) -> None:
    macs = {
        "conv1": 32 * 3 * 16 * 29 * 29 * 2,  # the image itself needs no gradient: forward and kernels
        "conv2": 32 * 32 * 16 * 11 * 11 * 3,
        "dense1": 800 * 256 * 3,
        "dense2": 256 * 10 * 3,
    }
    flop = {layer.name: layer.flop for layer in found.layers if layer.flop}
    assert flop == {name: 2 * BATCH * count for name, count in macs.items()}
    assert found.flop == sum(flop.values())
    assert 0 < found.flop_per_second < found.peak


def test_memory_is_that_of_weights_and_moments(found: Profile) -> None:
    assert found.weights_bytes == 4 * found.parameters
    assert found.optimizer_bytes >= 2 * found.weights_bytes  # Adam's two moments
    assert found.peak_memory_bytes is None or found.peak_memory_bytes > found.weights_bytes


def test_settings_and_data_are_those_given() -> None:
    small = profile("slim-resnet", "digits", seconds=0.05, settings={"width": 8, "batch_size": 64, "augment": ()})
    assert small.data == "digits"
    assert small.batch_size == 62  # batches are as large as each other
    assert small.layers[0].name == "patches"
    with pytest.raises(TinylensError, match="more than 0"):
        profile("four-by-four", seconds=0.0)


def test_few_images_are_taken_again_and_again_in_batches_of_all_of_them() -> None:
    few = profile("four-by-four", "digits", seconds=0.05, settings={"batch_size": 5000, "precision": "float32"})
    assert few.batch_size == 1167  # a tenth of 1,297 is kept for validation
    assert few.steps >= 3


def test_growing_images_are_profiled_at_their_full_size() -> None:
    growth = [{"scale": 0.5}]
    plain, growing = (
        profile("four-by-four", seconds=0.05, settings={"growth": given, "precision": "float32"})
        for given in ([], growth)
    )
    assert growing.flop == plain.flop


def test_a_picture_that_cannot_be_drawn_is_refused_before_the_time_is_spent(here: Here, tmp_path: Any) -> None:
    result = here("profile", "four-by-four", "--seconds", "1e6", "--plot", "p.txt", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (2, "tinylens: p.txt: a picture can be .png, .svg, .pdf\n")


def test_it_is_printed_and_drawn(found: Profile, here: Here, tmp_path: Any) -> None:
    result = here("profile", "four-by-four", "--seconds", "0.05", "--plot", "p.svg", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "images/s in training" in result.stdout
    assert "dense1" in result.stdout
    assert (tmp_path / "p.svg").read_text().count("of the peak") >= 4
    assert json.loads(json.dumps(found.to_json()))["layers"][0]["name"] == "conv1"
    plot_profile(found, tmp_path / "p.png")
    assert not (tmp_path / "runs").exists()


def event(name: str, start: float, end: float, number: int = -1) -> Any:
    return SimpleNamespace(name=name, time_range=SimpleNamespace(start=start, end=end), sequence_nr=number)


def test_a_backward_operation_belongs_to_the_layer_of_its_forward_one() -> None:
    events = [
        event("tinylens.step", 0, 100),
        event("tinylens.prepare", 10, 15),
        event("tinylens.network", 20, 50),
        event("tinylens.layer.a", 21, 30),
        event("aten::conv2d", 22, 29, 5),
        event("tinylens.layer.b", 32, 48),
        event("aten::linear", 33, 40, 6),
        event("aten::loss", 51, 55, 7),
        event("autograd::engine::evaluate_function: LossBackward0", 60, 62, 7),
        event("autograd::engine::evaluate_function: LinearBackward0", 62, 70, 6),
        event("autograd::engine::evaluate_function: ConvBackward0", 70, 85, 5),
        event("Optimizer.step#Adam.step", 90, 98),
    ]
    (once,) = read([*events, event("tinylens.layer.a", 120, 130)])  # the validation images, after the step
    assert {name: round(1e6 * s) for name, s in once.forward.items()} == {"a": 9, "b": 16}
    assert {name: round(1e6 * s) for name, s in once.backward.items()} == {"a": 15, "b": 8}
    assert [round(1e6 * once.parts[part]) for part in PARTS] == [15, 5, 30, 10, 25, 8, 7]
    twice = together([once, once])
    assert twice.seconds == pytest.approx(2 * once.seconds)
    assert twice.backward["a"] == pytest.approx(2 * once.backward["a"])
