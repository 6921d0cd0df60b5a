"""Fitting: what it leaves behind, and what it refuses in one line."""

import os
import re
import resource
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.sitting import sitting
from tests.training.sameness import weights

import tinylens.training.callbacks.keeping as keeping
from tinylens import experiment, recipes
from tinylens.catalogue import describe, parts
from tinylens.cli.output import settings
from tinylens.data import Dataset, Splits
from tinylens.errors import Interrupted, TinylensError, TrainingError, UsageError
from tinylens.hardware import choose_hardware
from tinylens.lens import Lens
from tinylens.optim.schedules import DropoutChange
from tinylens.runs import Run
from tinylens.training.fit import fit, new_session, require_space

Prepare = Callable[..., tuple[Run, Splits]]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(prepare: Prepare, reference: Run) -> None:
    for seed, same in ((0, True), (1, False)):
        run, splits = prepare(seed=seed)
        fit(run, splits, progress=False)
        assert (weights(run) == weights(reference)) == same


def test_as_published_keeps_the_last_weights_and_selects_on_test(prepare: Prepare) -> None:
    run, splits = prepare("four-by-four", as_published=True, epochs=3)
    assert splits.validation is None
    fit(run, splits, progress=False)
    assert run.training["kept_epoch"] == run.training["epochs"]


@pytest.mark.parametrize("rate", [1e20, 1e38])
def test_a_loss_that_is_not_finite_is_named_and_never_saved(prepare: Prepare, rate: float) -> None:
    run, splits = prepare(optimizer__lr=rate, schedule="constant")
    with pytest.raises(TrainingError, match=r"step \d+.*--set optimizer.lr=") as failed:
        fit(run, splits, progress=False)
    assert "\n" not in str(failed.value)
    kept = list(run.checkpoints.glob("*.pt"))
    assert run.checkpoints / "last.pt" in kept
    for file in kept:
        state = keeping.read(file)["lens"]
        assert all(torch.isfinite(value).all() for value in state.values() if value.is_floating_point())
    assert not run.trained
    assert run.training["ended"] == "stopped"
    with pytest.raises(TrainingError, match=r"not finite|loss is"):
        fit(run, splits, resume=True, progress=False)


def small_disk(kibibytes: int) -> Callable[[], None]:
    """What a child process calls so that none of its files can grow beyond a size."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kibibytes * 1024,) * 2)


def test_a_disk_that_is_too_small_is_told_before_training(prepare: Prepare) -> None:
    run, _ = prepare()
    full = sitting(run, preexec_fn=small_disk(1000))
    assert full.returncode == 1
    assert re.fullmatch(r".*no room for the \d+ MB of a run: File too large\n", full.stderr)
    assert not run.history
    assert not list(run.path.rglob("*.tmp"))


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 40 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here: needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_during_training_stops_it_in_one_line(
    tiny_disk: Path, prepare: Prepare, trap: Callable[..., None]
) -> None:
    made, splits = prepare()
    run = Run(shutil.copytree(made.path, tiny_disk / "run"))
    trap("train:6:2")
    with pytest.raises(Interrupted):
        fit(run, splits, progress=False)
    free = os.statvfs(tiny_disk)
    (tiny_disk / "filler").write_bytes(b"x" * (free.f_bavail * free.f_frsize))
    trap()
    with pytest.raises(TinylensError, match=r"cannot write .*: No space left on device") as failed:
        fit(run, splits, resume=True, progress=False)
    assert "\n" not in str(failed.value)
    assert keeping.read(run.checkpoints / "last.pt")["progress"]["step"] == 6
    (tiny_disk / "filler").unlink()
    fit(run, splits, resume=True, progress=False)
    assert run.trained


def test_a_full_disk_is_told_before_training(tiny_disk: Path, prepare: Prepare) -> None:
    made, splits = prepare()
    run = Run(shutil.copytree(made.path, tiny_disk / "run"))
    (tiny_disk / "filler").write_bytes(b"x" * 20_000_000)
    with pytest.raises(TrainingError, match="no room for the 30 MB of a run: No space left on device"):
        fit(run, splits, progress=False)
    assert not run.history


def test_the_callers_torch_and_signals_are_left_as_they_were(prepare: Prepare) -> None:
    run, splits = prepare(epochs=1)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.manual_seed(7)
    expected, handlers = torch.rand(3), [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    torch.manual_seed(7)
    try:
        fit(run, splits, progress=False)
        assert torch.equal(torch.rand(3), expected)
        assert torch.get_num_threads() == 1
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
    finally:
        torch.use_deterministic_algorithms(False)
        torch.set_num_threads(threads)


def test_fit_works_outside_the_main_thread(prepare: Prepare, reference: Run) -> None:
    run, splits = prepare()
    thread = threading.Thread(target=fit, args=(run, splits), kwargs={"progress": False})
    thread.start()
    thread.join()
    assert weights(run) == weights(reference)


OWN = """
from typing import ClassVar
import torch
from torch import nn
from tinylens.recipe import Recipe

class Own(Recipe):
    source: ClassVar[str] = "mine"
    data: ClassVar[str] = "digits"
    image_size: int = 8
    epochs: int = 1
    {method}

    def build(self, image_size, num_classes):
        {body}
"""
MISTAKES = {
    "return nn.Sequential(nn.Flatten(), nn.Linear(192, num_classes + 1))": "must give",
    "return nn.Sequential(nn.Flatten(), nn.Linear(10, num_classes))": "fails on the first image",
    "return nn.Flatten()": "no weights to train",
    "return 3": "must give a torch.nn.Module",
    "return 1 / 0": "cannot be built: division by zero",
    "return nn.Sequential(nn.Flatten(), nn.BatchNorm1d(192), nn.Linear(192, num_classes))": "the model fails at step 1",
}


@pytest.mark.parametrize("body", MISTAKES, ids=MISTAKES.values())
def test_a_model_that_does_not_fit_is_refused_in_one_line(prepare: Prepare, tmp_path: Path, body: str) -> None:
    file = tmp_path / "own.py"
    file.write_text(OWN.format(body=body, method=""))
    run, splits = prepare(str(file), batch_size=1)
    with pytest.raises(TrainingError, match=MISTAKES[body]) as failed:
        fit(run, splits, progress=False)
    assert "\n" not in str(failed.value)


LINEAR = "return nn.Sequential(nn.Flatten(), nn.Linear(192, num_classes))"
METHODS = {
    "def loss(self, logits, labels): return logitz.mean()": "the model fails at step 1 .*: NameError: .*logitz",
    "def loss(self, logits, labels): return None": "the model fails at step 1 .*: ",
    "def loss(self, logits, labels): return {}['a']": "the model fails at step 1 .*: KeyError: 'a' is missing",
    "def parameter_groups(self, network): return [{'params': network.head.parameters()}]": "AttributeError: .*head",
    "def parameter_groups(self, network):\n        from tinylens.networks.penalty import l2_groups\n"
    "        return l2_groups(network, {'2': 0.1})": "ValueError: no layer is called '2'; there are 0, 1",
    "def parameter_groups(self, network):\n        from tinylens.networks.penalty import l2_groups\n"
    "        return l2_groups(network, {'0': 0.1})": "parameter_groups: ValueError: the layer '0' has no kernel",
}


@pytest.mark.parametrize("method", METHODS, ids=METHODS.values())
def test_a_mistake_in_a_recipe_s_own_code_is_told_in_one_line_and_leaves_nothing(tmp_path: Path, method: str) -> None:
    file = tmp_path / "own.py"
    file.write_text(OWN.format(body=LINEAR, method=method))
    with pytest.raises(TrainingError, match=f"^own: .*{METHODS[method]}") as failed:
        experiment.train(str(file), "digits", limit=50, out=tmp_path / "runs", progress=False)
    assert "\n" not in str(failed.value)
    assert not list((tmp_path / "runs").iterdir())


def test_a_mistake_in_forward_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(OWN.format(body="return Broken()", method="") + BROKEN)
    with pytest.raises(TrainingError, match=r"^own: its model fails on the first image: NameError: .*imagez"):
        experiment.train(str(file), "digits", limit=50, out=tmp_path / "runs", progress=False)
    with pytest.raises(TrainingError, match=r"own\.py: its model fails on an image: NameError: .*imagez"):
        describe(str(file))
    file.write_text(OWN.format(body=LINEAR, method="").replace("image_size, num_classes", "size"))
    with pytest.raises(TrainingError, match=r"own\.py: its model cannot be built: .*positional"):
        describe(str(file))


BROKEN = """
class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, images):
        return imagez
"""


def test_rates_that_are_not_one_a_stack_are_told(tmp_path: Path) -> None:
    settings = {"dropout": [0.1, 0.2]}
    with pytest.raises(TrainingError, match="dropout has 2 rates, but there are 7 stacks"):
        experiment.train("elu-net", "digits", limit=50, settings=settings, out=tmp_path, progress=False)


def test_a_run_that_fails_after_its_first_step_is_kept(tmp_path: Path, noisy: str) -> None:
    settings = {"optimizer.lr": 1e38, "schedule": "constant"}
    with pytest.raises(TrainingError, match=r"the loss is|not finite"):
        experiment.train(noisy, "digits", limit=300, settings=settings, out=tmp_path, progress=False)
    (left,) = tmp_path.iterdir()
    assert Run(left).training["steps"] > 0


def test_epochs_and_seed_are_given_once(tmp_path: Path, noisy: str) -> None:
    with pytest.raises(UsageError, match=r"^epochs is set to 2 and given as --epochs as well; do one of both$"):
        experiment.train(noisy, "digits", epochs=1, settings={"epochs": 2}, out=tmp_path, progress=False)
    with pytest.raises(UsageError, match=r"^--set epochs is there twice; give it one value$"):
        settings(["epochs=1", "epochs=2"])


def test_parts_tell_their_choices_and_how_a_change_of_dropout_is_written() -> None:
    found = {part["kind"]: part for part in parts()}
    assert found["pad-and-crop"]["fields"]["fill"] == "reflect | zero"
    assert found["step"]["fields"]["unit"] == "epoch | iteration"
    assert found["dropout"]["fields"]["at"] == "(required)"
    example = found["dropout"]["about"].split("\n\n")[0].rpartition("dropout_schedule=")[2]
    recipe = recipes.find("four-by-four").resolve({"dropout_schedule": example})
    assert recipe.dropout_schedule == (DropoutChange(at=1000, factor=1.5),)


def test_weights_that_two_layers_share_are_saved(prepare: Prepare, tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(
        OWN.format(
            body="a, b = nn.Linear(192, 192), nn.Linear(192, 192); b.weight = a.weight; "
            "return nn.Sequential(nn.Flatten(), a, b, nn.Linear(192, num_classes))",
            method="",
        )
    )
    run, splits = prepare(str(file))
    fit(run, splits, progress=False)
    assert torch.equal(run.lens.network[1].weight, run.lens.network[2].weight)


def test_preprocessing_in_training_is_that_in_use(prepare: Prepare) -> None:
    run, splits = prepare()
    fit(run, splits, progress=False)
    images = splits.test.images[:100]
    lens = Lens.load(run.path)
    trained_on = lens.network(lens.preprocess(torch.from_numpy(images).permute(0, 3, 1, 2).float()))
    assert torch.equal(trained_on.detach(), lens.logits(images))
    mean, deviation = splits.train.channel_statistics()
    fitted = lens.preprocess[0]
    assert fitted.scale.flatten().tolist() == pytest.approx((1 / deviation).tolist())
    assert fitted.shift.flatten().tolist() == pytest.approx((-mean / deviation).tolist())


def test_space_is_asked_for_where_the_run_is(prepare: Prepare) -> None:
    run, splits = prepare()
    session = new_session(run, splits, choose_hardware())
    require_space(run.path, session)
    with pytest.raises(TrainingError, match="cannot be written: No such file"):
        require_space(run.path / "nowhere", session)


def of_classes(splits: Splits, count: int) -> Splits:
    """The images of the first classes alone."""

    def first(dataset: Dataset) -> Dataset:
        part = dataset.select(np.flatnonzero(dataset.labels < count))
        return replace(part, classes=dataset.classes[:count])

    return replace(splits, **{name: first(split) for name, split in splits.all().items()})


def test_top_5_accuracy_is_not_watched_where_it_is_always_1(prepare: Prepare) -> None:
    run, splits = prepare(monitor="validation_top5", epochs=1)
    with pytest.raises(TrainingError, match=r"^monitor=validation_top5 says nothing of 5 classes; choose another$"):
        fit(run, of_classes(splits, 5), progress=False)
    assert not run.history
    six = of_classes(splits, 6)
    fit(run, six, progress=False)
    logits = run.lens.logits(six["validation"].images)
    last = logits.argmin(dim=1) == torch.from_numpy(six["validation"].labels)
    assert run.history[0]["validation_top5"] == pytest.approx(1 - last.float().mean().item())
