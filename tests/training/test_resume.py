"""Going on: the same weights however often training was stopped, whatever was under way."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from tests.sitting import SITTING, sitting
from tests.training.sameness import assert_same, weights

import tinylens.training.callbacks.keeping as keeping
from tinylens.data import Splits
from tinylens.errors import Interrupted, TrainingError
from tinylens.runs import Run
from tinylens.training.fit import fit

Prepare = Callable[..., tuple[Run, Splits]]
STEPS = 5  # of an epoch: 270 images in batches of 64
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


@pytest.mark.parametrize("damage", [b"", b"junk", None, "cut", "list", "other"])
def test_a_damaged_checkpoint_is_refused_in_one_line(
    prepare: Prepare, trap: Callable[..., None], damage: bytes | str | None
) -> None:
    run, splits = prepare()
    trap("train:6:2")
    with pytest.raises(Interrupted):
        fit(run, splits, progress=False)
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


DROPOUT = [{"at": 6, "rates": [0.5, 0.4]}, {"at": 3, "unit": "epoch", "factor": 0.5}]
RICH = {
    "averaged weights": {"ema": 0.9},
    "a dropout schedule": {"dropout_schedule": DROPOUT},
    "augmentation": {"augment": "pad-and-crop,flip,cutout,mixup,colour-jitter"},
    "cutmix": {"augment": "cutmix"},
    "all of it, cut short": {"ema": 0.5, "dropout_schedule": DROPOUT, "augment": "flip,mixup", "iterations": 17},
}


@pytest.mark.parametrize("settings", RICH.values(), ids=RICH)
def test_what_changes_as_training_goes_on_is_the_same_after_a_stop(
    prepare: Prepare, reference: Run, trap: Callable[..., None], settings: dict[str, Any]
) -> None:
    whole, splits = prepare(keep_every=1, **settings)
    fit(whole, splits, progress=False)
    assert weights(whole) != weights(reference)  # else it would be no test
    run, _ = prepare(keep_every=1, **settings)
    for moment, resume in (("train:4:2", False), ("train:3:15", True), ("train:10:2", True)):  # steps 4, 7 and 17
        trap(moment)
        with pytest.raises(Interrupted):
            fit(run, splits, resume=resume, progress=False)
    trap()
    fit(run, splits, resume=True, progress=False)
    assert_same(run, whole)
    names = sorted(file.name for file in whole.checkpoints.iterdir())
    assert sorted(file.name for file in run.checkpoints.iterdir()) == names
    assert "epoch-004.pt" in names
    for name in names:
        kept, expected = (keeping.read(one.checkpoints / name) for one in (run, whole))
        for part in {"lens", "average"} & expected.keys():
            assert kept[part].keys() == expected[part].keys()
            assert all(torch.equal(value, expected[part][key]) for key, value in kept[part].items())


@pytest.mark.parametrize("moment", ["train:11", "train:12", "train:13", "look:4", "train:10", "look:3"])
def test_a_stop_in_the_epoch_that_iterations_cut_short_changes_nothing(
    prepare: Prepare, trap: Callable[..., None], moment: str
) -> None:
    whole, splits = prepare(iterations=13)
    fit(whole, splits, progress=False)
    assert [row["step"] for row in whole.history] == [5, 10, 13]
    run, _ = prepare(iterations=13)
    trap(f"{moment}:15")
    with pytest.raises(Interrupted):
        fit(run, splits, progress=False)
    trap()
    fit(run, splits, resume=True, progress=False)
    assert_same(run, whole)
    assert run.training["ended"] == "all iterations done"


def test_a_checkpoint_without_the_average_that_the_recipe_wants_is_refused_in_one_line(
    prepare: Prepare, trap: Callable[..., None]
) -> None:
    run, splits = prepare(ema=0.9)
    trap("train:6:2")
    with pytest.raises(Interrupted):
        fit(run, splits, progress=False)
    trap()
    last = run.checkpoints / "last.pt"
    torch.save(keeping.read(last) | {"average": {}}, last)
    with pytest.raises(TrainingError, match=r"does not fit the run's recipe and data: .*train anew") as failed:
        fit(run, splits, resume=True, progress=False)
    assert "\n" not in str(failed.value)
