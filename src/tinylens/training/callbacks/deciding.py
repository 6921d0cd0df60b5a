"""Callbacks that decide: the learning rate and the dropout rates of a step, and when to stop."""

from collections.abc import Sequence
from typing import Any

from tinylens.errors import TrainingError
from tinylens.networks.dropout import Dropout
from tinylens.optim.schedules import DropoutChange, count
from tinylens.training.callbacks import Callback
from tinylens.training.session import Session


class ScheduleRate(Callback):
    """Set the learning rate before each step, as the recipe's schedule says. A group's `scale` multiplies it."""

    def on_step(self, session: Session) -> None:
        recipe = session.recipe
        factor = recipe.schedule.factor(session.progress.step, session.steps_per_epoch, session.total_steps)
        for group in session.optimizer.param_groups:
            group["lr"] = recipe.optimizer.lr * factor * group.get("scale", 1.0)


class ScheduleDropout(Callback):
    """Give dropout layers their rates before each step, as the recipe's dropout_schedule says."""

    def __init__(self) -> None:
        self.initial: list[tuple[Dropout, float]] = []
        self.reached = 0

    def on_start(self, session: Session) -> None:
        layers = [layer for layer in session.lens.network.modules() if isinstance(layer, Dropout)]
        self.initial = [(layer, layer.rate) for layer in layers]
        if session.recipe.dropout_schedule and not layers:
            raise TrainingError("dropout_schedule changes nothing: the model has no tinylens.networks.dropout.Dropout")
        for layer, rate in self.initial:  # a schedule that does not fit is told before the first step
            after(session.recipe.dropout_schedule, layer, rate)

    def on_step(self, session: Session) -> None:
        step, schedule = session.progress.step, session.recipe.dropout_schedule
        reached = [change for change in schedule if change.at <= count(change.unit, step, session.steps_per_epoch)]
        if len(reached) != self.reached:
            self.reached = len(reached)
            for layer, rate in self.initial:
                layer.rate = after(reached, layer, rate)


def after(changes: Sequence[DropoutChange], layer: Dropout, rate: float) -> float:
    """A layer's rate after some changes. Raises TrainingError where they do not fit the model."""
    try:
        for change in changes:
            rate = change.changed(rate, layer.stage)
    except ValueError as error:
        raise TrainingError(str(error)) from None
    return rate


class Watch:
    """The best value of a metric so far. A loss is better when lower, everything else when higher."""

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self.best: float | None = None

    def improved(self, row: dict[str, Any]) -> bool:
        """Whether the row's value is better than all before; then it is the best."""
        value = row[self.metric]
        better = self.best is None or (value < self.best if self.metric.endswith("loss") else value > self.best)
        if better:
            self.best = value
        return better


class StopEarly(Callback):
    """Stop when a metric has not improved for `patience` epochs, as Keras' EarlyStopping does."""

    def __init__(self, metric: str, patience: int) -> None:
        self.watch = Watch(metric)
        self.patience = patience
        self.waited = 0

    def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
        self.waited = 0 if self.watch.improved(row) else self.waited + 1
        if self.waited >= self.patience:
            session.progress.stop = f"no better {session.recipe.named(self.watch.metric)} for {self.patience} epochs"

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.watch.best, "waited": self.waited}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.watch.best, self.waited = state["best"], state["waited"]
