"""Callbacks: deciding, keeping and telling."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import tinylens.training.callbacks.telling as telling
from tinylens.data import Splits
from tinylens.errors import TinylensError
from tinylens.hardware import choose_hardware
from tinylens.optim.schedules import Cosine
from tinylens.runs import Run
from tinylens.training.callbacks.deciding import ScheduleRate, StopEarly, Watch
from tinylens.training.callbacks.keeping import KeepBest, KeepLast, read
from tinylens.training.callbacks.telling import ShowBar, WriteHistory, WriteLog, WriteTensorBoard
from tinylens.training.fit import fit, new_session
from tinylens.training.loop import train
from tinylens.training.session import Session
from tinylens.training.signals import StopRequest

Prepare = Callable[..., tuple[Run, Splits]]


@pytest.fixture
def session(prepare: Prepare) -> Session:
    run, splits = prepare(epochs=2)
    return new_session(run, splits, choose_hardware("float32"))


def rows(*losses: float) -> list[dict[str, Any]]:
    return [{"epoch": i, "validation_loss": loss, "validation_accuracy": loss} for i, loss in enumerate(losses, 1)]


def test_a_loss_is_better_when_lower_and_an_accuracy_when_higher() -> None:
    for metric, expected in (("validation_loss", [True, True, False]), ("validation_accuracy", [True, False, True])):
        watch = Watch(metric)
        assert [watch.improved(row) for row in rows(0.5, 0.4, 0.6)] == expected


def test_early_stopping_counts_epochs_without_improvement(session: Session) -> None:
    callback = StopEarly("validation_loss", patience=2)
    stopped = []
    for row in rows(0.5, 0.6, 0.4, 0.4, 0.41):
        callback.after_epoch(session, row)
        stopped.append(session.progress.stop)
    assert stopped == [None] * 4 + ["no better validation loss for 2 epochs"]


def test_the_rate_follows_the_schedule_step_by_step(session: Session) -> None:
    rates: list[float] = []

    class Look(ScheduleRate):
        def on_step(self, session: Session) -> None:
            super().on_step(session)
            rates.append(session.optimizer.param_groups[0]["lr"])

    train(session, [Look()], StopRequest())
    schedule, total = Cosine(warmup=0.1), session.total_steps
    assert rates == [0.01 * schedule.factor(step, total // 2, total) for step in range(total)]


def test_the_best_weights_are_given_back_only_where_asked_for(session: Session) -> None:
    keep, last = KeepBest("validation_loss", restore=True), KeepBest("validation_loss", restore=False)
    weight = session.lens.network[-1].bias
    for value, row in enumerate(rows(0.5, 0.4, 0.6)):
        with torch.no_grad():
            weight.fill_(value)
        keep.after_epoch(session, row)
        last.after_epoch(session, row)
    last.on_end(session)
    assert weight[0] == 2
    keep.on_end(session)
    assert weight[0] == 1
    assert keep.epoch == 2


def test_a_checkpoint_holds_plain_values_and_the_states_of_callbacks(session: Session) -> None:
    early = StopEarly("validation_loss", 2)
    early.after_epoch(session, rows(0.5)[0])
    KeepLast([early]).keep(session)
    assert read(session.run.checkpoints / "last.pt")["callbacks"] == {"StopEarly": {"best": 0.5, "waited": 0}}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_never_kept(session: Session, value: float) -> None:
    with torch.no_grad():
        session.lens.network[-1].bias[3] = value
    with pytest.raises(TinylensError, match=r"bias contains NaN or infinity, found before step 1"):
        KeepLast([]).keep(session)
    with pytest.raises(TinylensError, match=r"bias contains NaN or infinity"):
        KeepBest("validation_loss", restore=True).after_epoch(session, rows(1.0)[0])
    assert not session.run.checkpoints.exists()


def test_history_log_and_tensorboard_tell_the_same(session: Session) -> None:
    run = session.run
    train(session, [WriteHistory(), WriteLog(visible=False), WriteTensorBoard()], StopRequest())
    assert [row["epoch"] for row in run.history] == [1, 2]
    events = EventAccumulator(str(run.tensorboard)).Reload()
    assert set(events.Tags()["scalars"]) == {
        *(f"{metric}/{part}" for metric in ("loss", "accuracy") for part in ("train", "validation")),
        "top5/validation",
        "learning_rate",
    }
    shown = [(event.step, event.value) for event in events.Scalars("accuracy/train")]
    assert shown == [(row["step"], pytest.approx(row["train_accuracy"])) for row in run.history]
    begun, *epochs, ended = (run.path / "log.txt").read_text().splitlines()
    assert "training begins: 270 images, 5 steps an epoch, at most 2 epochs, cpu" in begun
    assert [re.search(r"epoch (\d)/2  train loss", line)[1] for line in epochs] == ["1", "2"]  # type: ignore[index]
    assert "training ends after 2 epochs" in ended


def test_tensorboard_that_cannot_write_says_so_in_one_line(session: Session) -> None:
    session.run.tensorboard.write_text("a file where the folder should be")
    with pytest.raises(TinylensError, match=r"cannot write .*tensorboard"):
        train(session, [WriteTensorBoard()], StopRequest())


@pytest.mark.parametrize("broken", [False, True])
def test_the_bar_draws_rate_and_time_left_and_gives_the_terminal_back(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    run, splits = prepare(epochs=2, batch_size=2)
    session = new_session(run, splits, choose_hardware("float32"))
    screen = io.StringIO()
    monkeypatch.setattr(telling, "stderr", Console(file=screen, force_terminal=True, width=120, color_system=None))
    monkeypatch.setattr(telling, "REDRAW_SECONDS", 0.02)
    bar = ShowBar()
    if broken:
        monkeypatch.setenv("TINYLENS_TEST_TRAP", "train:3:2")
        with pytest.raises(KeyboardInterrupt):
            train(session, [bar], StopRequest())
    else:
        train(session, [bar], StopRequest())
        assert re.search(r"epoch 1/2 .* % +.*images/s  loss \d\.\d{3}  accuracy \d\.\d{3} +\d", screen.getvalue())
        assert "epoch 2/2  train loss" in screen.getvalue()
    assert not bar.bar.live.is_started
    assert screen.getvalue().count("\x1b[?25h") == 1  # the cursor is shown again


def test_one_line_an_epoch_is_printed_where_there_is_no_terminal(
    prepare: Prepare, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run, splits = prepare(epochs=2)
    fit(run, splits, progress=True)
    told = capfd.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 4
    assert "\x1b" not in told.err
