"""Callbacks that decide: the learning rate of a step, and when to stop."""

from typing import Any

from tinylens.training.callbacks import Callback
from tinylens.training.session import Session


class ScheduleRate(Callback):
    """Set the learning rate before each step, as the recipe's schedule says."""

    def on_step(self, session: Session) -> None:
        recipe = session.recipe
        factor = recipe.schedule.factor(session.progress.step, session.steps_per_epoch, session.total_steps)
        for group in session.optimizer.param_groups:
            group["lr"] = recipe.optimizer.lr * factor


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
            session.progress.stop = f"no better {session.named(self.watch.metric)} for {self.patience} epochs"

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.watch.best, "waited": self.waited}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.watch.best, self.waited = state["best"], state["waited"]
