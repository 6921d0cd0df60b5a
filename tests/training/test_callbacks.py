"""Callbacks: deciding, keeping and telling."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import tinylens.training.callbacks.telling as telling
from tinylens.data import Splits
from tinylens.errors import TinylensError, TrainingError
from tinylens.hardware import choose_hardware
from tinylens.lens import Lens
from tinylens.networks.dropout import Dropout
from tinylens.optim.schedules import Cosine
from tinylens.recipe import Monitor
from tinylens.runs import Run
from tinylens.training.callbacks import Callback
from tinylens.training.callbacks.deciding import ScheduleDropout, ScheduleRate, StopEarly, Watch
from tinylens.training.callbacks.keeping import AverageWeights, KeepBest, KeepLast, read
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


MONITORS = get_args(Monitor)


@pytest.mark.parametrize("monitor", MONITORS)
def test_training_stops_by_the_figure_that_is_watched_and_keeps_the_epoch_where_it_was_best(
    prepare: Prepare, monitor: str
) -> None:
    run, splits = prepare(monitor=monitor, patience=2, epochs=25, optimizer__lr=0.2, schedule="constant")
    fit(run, splits, progress=False)
    values = [row[monitor] * (1 if monitor.endswith("loss") else -1) for row in run.history]
    best = values.index(min(values))  # the first of several
    assert run.training["best_epoch"] == run.training["kept_epoch"] == best + 1
    assert len(values) == best + 3 < 25
    told = monitor.replace("_", " ")
    assert run.training["ended"] == f"no better {told} for 2 epochs"
    for epochs in range(1, len(values)):  # and not before
        assert epochs - values.index(min(values[:epochs])) <= 2


def test_every_figure_that_can_be_watched_is_in_the_history(trained: tuple[Run, Splits]) -> None:
    run, _ = trained
    assert set(MONITORS) <= run.history[0].keys()


def test_the_rate_follows_the_schedule_step_by_step(session: Session) -> None:
    rates: list[float] = []

    class Look(ScheduleRate):
        def on_step(self, session: Session) -> None:
            super().on_step(session)
            rates.append(session.optimizer.param_groups[0]["lr"])

    train(session, [Look()], StopRequest())
    schedule, total = Cosine(warmup=0.1), session.total_steps
    assert rates == [0.01 * schedule.factor(step, total // 2, total) for step in range(total)]


class Look(Callback):
    """Writes down the rates of dropout layers at each step."""

    def __init__(self) -> None:
        self.rates: list[tuple[float, ...]] = []

    def on_step(self, session: Session) -> None:
        layers = session.lens.network.modules()
        self.rates.append(tuple(layer.rate for layer in layers if isinstance(layer, Dropout)))


BEFORE, STEPS = (0.3, 0.1), 5  # the noisy recipe's rates in its two stages, and its steps an epoch


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ([], [BEFORE] * 10),
        ([{"at": 3, "rates": [0.5, 0.2]}], [BEFORE] * 3 + [(0.5, 0.2)] * 7),
        ([{"at": 0, "rates": [0.4]}], [(0.4, 0.4)] * 10),
        ([{"at": 1, "unit": "epoch", "factor": 2.0}], [BEFORE] * 5 + [(0.6, 0.2)] * 5),
        (
            [{"at": 2, "rates": [0.5, 0.0]}, {"at": 4, "factor": 0.5}, {"at": 1, "unit": "epoch", "rates": [0.0, 0.9]}],
            [BEFORE] * 2 + [(0.5, 0.0)] * 2 + [(0.25, 0.0)] + [(0.0, 0.9)] * 5,
        ),
        ([{"at": 1, "factor": 0.5}, {"at": 1, "factor": 0.5}], [BEFORE] + [(0.075, 0.025)] * 9),
        ([{"at": 99, "factor": 0.5}], [BEFORE] * 10),
    ],
)
def test_dropout_rates_follow_their_schedule_step_by_step(
    prepare: Prepare, schedule: list[dict[str, Any]], expected: list[tuple[float, ...]]
) -> None:
    run, splits = prepare(epochs=2, dropout_schedule=schedule)
    session, look = new_session(run, splits, choose_hardware("float32")), Look()
    train(session, [ScheduleDropout(), look], StopRequest())
    assert look.rates == [pytest.approx(rates) for rates in expected]


def test_dropout_rates_are_those_of_the_step_that_training_goes_on_from(prepare: Prepare) -> None:
    run, splits = prepare(epochs=2, dropout_schedule=[{"at": 2, "factor": 2.0}, {"at": 6, "rates": [0.5, 0.6]}])
    for step, expected in ((1, BEFORE), (2, (0.6, 0.2)), (5, (0.6, 0.2)), (6, (0.5, 0.6)), (9, (0.5, 0.6))):
        session, look = new_session(run, splits, choose_hardware("float32")), Look()
        at = session.progress
        at.step, at.epoch, at.batch = step, step // STEPS, step % STEPS
        train(session, [ScheduleDropout(), look], StopRequest())
        assert look.rates[0] == pytest.approx(expected)
        assert look.rates[-1] == (0.5, 0.6)


def test_a_dropout_schedule_with_too_few_rates_is_told_before_the_first_step(prepare: Prepare) -> None:
    run, splits = prepare(dropout_schedule=[{"at": 15, "rates": [0.5, 0.6]}])
    session = new_session(run, splits, choose_hardware("float32"))
    session.lens.network[-2].stage = 2
    with pytest.raises(TrainingError, match=r"^dropout_schedule has 2 rates, but the model has a stage 3$"):
        train(session, [ScheduleDropout()], StopRequest())
    assert session.progress.step == 0


def test_a_dropout_schedule_for_a_model_without_dropout_is_told_before_the_first_step(prepare: Prepare) -> None:
    run, splits = prepare("four-by-four", dropout_schedule=[{"at": 15, "factor": 2.0}])
    with pytest.raises(TrainingError, match=r"^dropout_schedule changes nothing: the model has no .*Dropout$"):
        fit(run, splits, progress=False)
    assert not (run.checkpoints / "last.pt").exists()


def test_averaged_weights_are_the_moving_average_of_those_after_each_step(prepare: Prepare) -> None:
    run, splits = prepare(epochs=2, ema=0.8)
    session = new_session(run, splits, choose_hardware("float32"))
    expected: dict[str, torch.Tensor] = {}

    class Follow(Callback):
        def after_step(self, session: Session) -> None:
            for name, value in session.lens.network.state_dict().items():
                now = value.double()
                expected[name] = 0.8 * expected[name] + 0.2 * now if name in expected else now

    train(session, [AverageWeights(), Follow()], StopRequest())
    assert session.average is not None
    averaged, own = session.average.module.state_dict(), session.lens.network.state_dict()
    floats = [name for name, value in averaged.items() if value.is_floating_point()]
    assert "2.running_var" in floats
    for name in floats:
        torch.testing.assert_close(averaged[name].double(), expected[name], rtol=1e-5, atol=1e-6)
        assert not torch.equal(averaged[name], own[name])


def loss_on(lens: Lens, splits: Splits, split: str) -> float:
    logits, labels = lens.logits(splits[split].images), torch.from_numpy(splits[split].labels)
    return torch.nn.functional.cross_entropy(logits, labels).item()


@pytest.mark.parametrize("keep", ["best", "last"])
def test_averaged_weights_are_those_that_are_judged_and_kept(prepare: Prepare, keep: str) -> None:
    run, splits = prepare(epochs=3, ema=0.9, keep=keep, optimizer__lr=0.05, schedule="constant")
    fit(run, splits, progress=False)
    kept = run.training["kept_epoch"]
    assert loss_on(run.lens, splits, "validation") == pytest.approx(run.history[kept - 1]["validation_loss"], rel=1e-5)
    last, network = read(run.checkpoints / "last.pt"), run.lens.network.state_dict()
    if kept == 3:
        assert all(torch.equal(last["average"][f"module.{name}"], value) for name, value in network.items())
    assert not torch.equal(last["lens"]["network.7.weight"], network["7.weight"])
    best = read(run.checkpoints / "best.pt")
    same = all(torch.equal(best["lens"][f"network.{name}"], value) for name, value in network.items())
    assert same == (kept == best["epoch"])


def test_without_an_average_the_weights_themselves_are_judged(session: Session) -> None:
    assert session.average is None
    assert session.judged is session.lens
    AverageWeights().after_step(session)
    assert session.state_dict()["average"] == {}


@pytest.mark.parametrize("ema", [None, 0.9])
def test_weights_of_every_so_many_epochs_are_kept_under_the_epoch_s_name(prepare: Prepare, ema: float | None) -> None:
    for every, epochs in ((1, [1, 2, 3, 4, 5]), (2, [2, 4]), (6, [])):
        run, splits = prepare(epochs=5, keep_every=every, ema=ema)
        fit(run, splits, progress=False)
        files = sorted(file.name for file in run.checkpoints.glob("epoch-*"))
        assert files == [f"epoch-{epoch:03}.pt" for epoch in epochs]
        lens = run.lens
        for epoch in epochs:
            kept = torch.load(run.checkpoints / f"epoch-{epoch:03}.pt", weights_only=True)
            assert kept["epoch"] == epoch
            lens.modules.load_state_dict(kept["lens"])
            figures = run.history[epoch - 1]
            assert loss_on(lens, splits, "validation") == pytest.approx(figures["validation_loss"], rel=1e-5)


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
