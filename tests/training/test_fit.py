"""Fitting: the same weights however often training was stopped, and nothing broken left behind."""

import hashlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import tinylens.training.callbacks.keeping as keeping
from tinylens.data import Splits
from tinylens.errors import Interrupted, TinylensError, TrainingError
from tinylens.hardware import choose_hardware
from tinylens.lens import Lens
from tinylens.runs import Run
from tinylens.training.fit import fit, new_session, require_space

Prepare = Callable[..., tuple[Run, Splits]]
SITTING = Path(__file__).parents[1] / "sitting.py"
STEPS = 5  # of an epoch: 270 images in batches of 64


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets when the noisy recipe's model sends a signal to its own process; nothing means never."""

    def set_to(*moments: str) -> None:
        monkeypatch.setenv("TINYLENS_TEST_TRAP", " ".join(moments))

    yield set_to
    set_to()


def weights(run: Run) -> str:
    return hashlib.sha256((run.path / "lens" / "model.safetensors").read_bytes()).hexdigest()


def history(run: Run) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in run.history]


def sitting(run: Run, *options: str, **settings: Any) -> "subprocess.CompletedProcess[str]":
    """Train, or go on, in a process of its own."""
    command = [sys.executable, str(SITTING), str(run.path), *options]
    return subprocess.run(command, text=True, capture_output=True, timeout=120, check=False, **settings)


def assert_same(run: Run, reference: Run) -> None:
    assert weights(run) == weights(reference)
    assert history(run) == history(reference)
    assert {**run.training, "seconds": 0} == {**reference.training, "seconds": 0}
    assert events(run) == events(reference)


def events(run: Run) -> list[tuple[int, float]]:
    """What TensorBoard shows of the validation loss."""
    accumulator = EventAccumulator(str(run.tensorboard)).Reload()
    return [(event.step, event.value) for event in accumulator.Scalars("loss/validation")]


@pytest.fixture
def reference(prepare: Prepare) -> Run:
    run, splits = prepare()
    fit(run, splits, progress=False)
    return run


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(prepare: Prepare, reference: Run) -> None:
    for seed, same in ((0, True), (1, False)):
        run, splits = prepare(seed=seed)
        fit(run, splits, progress=False)
        assert (weights(run) == weights(reference)) == same


MOMENTS = {
    "the first step": "train:1",
    "the middle of an epoch": "train:6",
    "the last batch of an epoch": f"train:{2 * STEPS}",
    "looking at the validation images": "look:3",  # 1 is the trial of the model, 2 the first epoch's look
    "writing the best weights": "save:6",
    "the last step of all": f"train:{4 * STEPS}",
    "the last look": "look:5",
    "giving the best weights to the lens": "load:1",
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_a_signal_stops_soon_and_going_on_gives_the_same_weights(
    prepare: Prepare, reference: Run, trap: Callable[..., None], moment: str, number: signal.Signals
) -> None:
    run, splits = prepare()
    trap(f"{moment}:{number.value}")
    with pytest.raises(Interrupted, match=f"`tinylens resume {re.escape(str(run.path))}`") as stopped:
        fit(run, splits, progress=False)
    assert stopped.value.status == 128 + number
    assert run.trained == (moment == "load:1")
    if not run.trained:
        trap()
        fit(run, splits, resume=True, progress=False)
    assert_same(run, reference)


def test_stopping_twice_gives_the_same_weights(prepare: Prepare, reference: Run, trap: Callable[..., None]) -> None:
    run, splits = prepare()
    for moment, resume in (("train:3:2", False), ("train:6:15", True), ("look:1:2", True)):
        trap(moment)
        with pytest.raises(Interrupted):
            fit(run, splits, resume=resume, progress=False)
    trap()
    fit(run, splits, resume=True, progress=False)
    assert_same(run, reference)


@pytest.mark.parametrize(
    "moment",
    ["train:7", "save:6"]
    + [
        pytest.param(m, marks=pytest.mark.slow)
        for m in ("train:1", "load:1", "save:1", "save:3", "save:5", *(f"save:{n}" for n in range(7, 21)))
    ],
)
def test_a_killed_process_goes_on_to_the_same_weights(
    prepare: Prepare, reference: Run, trap: Callable[..., None], moment: str
) -> None:
    run, splits = prepare()
    trap(f"{moment}:{signal.SIGKILL.value}")
    assert sitting(run).returncode == -signal.SIGKILL
    assert not run.trained
    trap()
    if not (run.checkpoints / "last.pt").is_file():
        with pytest.raises(TrainingError, match="nothing to go on from; train anew"):
            fit(run, splits, resume=True, progress=False)
        return
    with run.locked():
        fit(run, splits, resume=True, progress=False)
    assert_same(run, reference)
    assert not list(run.path.rglob("*.tmp"))


def test_a_process_that_is_stopped_says_how_to_go_on_and_leaves_without_traceback(
    prepare: Prepare, reference: Run, trap: Callable[..., None]
) -> None:
    run, splits = prepare()
    trap("train:6:15")
    stopped = sitting(run)
    assert stopped.returncode == 143
    assert "stopping after this step" in stopped.stderr
    assert f"`tinylens resume {run.path}` goes on from there" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    trap()
    fit(run, splits, resume=True, progress=False)
    assert_same(run, reference)


def test_a_second_signal_stops_at_once(prepare: Prepare, trap: Callable[..., None]) -> None:
    run, splits = prepare()
    trap("train:6:15", "train:6:15")
    assert sitting(run).returncode == -signal.SIGTERM
    trap("train:6:2", "train:6:2")
    with pytest.raises(KeyboardInterrupt):
        fit(run, splits, progress=False)
    assert run.training["ended"] == "stopped"


def test_patience_and_the_best_epoch_survive_a_stop(prepare: Prepare, trap: Callable[..., None]) -> None:
    settings = {"epochs": 20, "patience": 3, "optimizer.lr": 0.3, "schedule": "constant"}
    whole, splits = prepare(**settings)
    fit(whole, splits, progress=False)
    assert "no better" in whole.training["ended"]
    last = whole.training["epochs"]
    assert whole.training["best_epoch"] == whole.training["kept_epoch"] == last - 3
    for epoch in (last - 2, last - 1):  # while patience is counting
        run, splits = prepare(**settings)
        trap(f"train:{epoch * STEPS + 2}:2")
        with pytest.raises(Interrupted):
            fit(run, splits, progress=False)
        trap()
        fit(run, splits, resume=True, progress=False)
        assert_same(run, whole)


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


def test_seconds_go_on_counting_from_a_checkpoint_in_the_middle_of_an_epoch(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch, trap: Callable[..., None]
) -> None:
    monkeypatch.setattr(keeping, "EVERY_SECONDS", 0.0)
    run, splits = prepare()
    trap("train:7:9")
    subprocess_kept = (
        "import sys, tinylens.training.callbacks.keeping as k; k.EVERY_SECONDS = 0.0; import runpy; "
        f"sys.argv = ['sitting', {str(run.path)!r}]; runpy.run_path({str(SITTING)!r}, run_name='__main__')"
    )
    assert subprocess.run([sys.executable, "-c", subprocess_kept], check=False, capture_output=True).returncode == -9
    at = keeping.read(run.checkpoints / "last.pt")["progress"]
    assert (at["step"], at["batch"]) == (6, 6 - STEPS)
    assert at["seconds"] > at["history"][0]["seconds"]
    trap()
    fit(run, splits, resume=True, progress=False)
    assert run.training["seconds"] > at["seconds"]


def test_a_second_process_is_refused(prepare: Prepare) -> None:
    run, _ = prepare()
    with run.locked():
        refused = sitting(run)
    assert refused.returncode == 1
    assert refused.stderr == f"{run.path} is in use by another process; wait until it ends\n"


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
    fit_until_stopped(run, splits, trap)
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


def fit_until_stopped(run: Run, splits: Splits, trap: Callable[..., None]) -> None:
    trap("train:6:2")
    with pytest.raises(Interrupted):
        fit(run, splits, progress=False)


def test_a_full_disk_is_told_before_training(tiny_disk: Path, prepare: Prepare) -> None:
    made, splits = prepare()
    run = Run(shutil.copytree(made.path, tiny_disk / "run"))
    (tiny_disk / "filler").write_bytes(b"x" * 20_000_000)
    with pytest.raises(TrainingError, match="no room for the 30 MB of a run: No space left on device"):
        fit(run, splits, progress=False)
    assert not run.history


@pytest.mark.parametrize("damage", [b"", b"junk", None, "cut", "list", "other"])
def test_a_damaged_checkpoint_is_refused_in_one_line(
    prepare: Prepare, trap: Callable[..., None], damage: bytes | str | None
) -> None:
    run, splits = prepare()
    fit_until_stopped(run, splits, trap)
    last = run.checkpoints / "last.pt"
    if damage is None:
        last.unlink()
    elif damage == "cut":
        last.write_bytes(last.read_bytes()[:-500])
    elif damage == "list":
        torch.save([1, 2], last)
    elif damage == "other":
        torch.save(keeping.read(last) | {"lens": {}}, last)
    elif isinstance(damage, bytes):
        last.write_bytes(damage)
    with pytest.raises(TrainingError, match="train anew") as failed:
        fit(run, splits, resume=True, progress=False)
    assert "\n" not in str(failed.value)


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
    file.write_text(OWN.format(body=body))
    run, splits = prepare(str(file), batch_size=1)
    with pytest.raises(TrainingError, match=MISTAKES[body]) as failed:
        fit(run, splits, progress=False)
    assert "\n" not in str(failed.value)


def test_weights_that_two_layers_share_are_saved(prepare: Prepare, tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(
        OWN.format(
            body="a, b = nn.Linear(192, 192), nn.Linear(192, 192); b.weight = a.weight; "
            "return nn.Sequential(nn.Flatten(), a, b, nn.Linear(192, num_classes))"
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
