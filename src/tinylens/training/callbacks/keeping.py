"""Callbacks that keep: averaged and best weights, those of single epochs, and all from which training goes on."""

import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from tinylens.errors import TrainingError, one_line
from tinylens.files import replacing
from tinylens.training.callbacks import Callback
from tinylens.training.callbacks.deciding import Watch
from tinylens.training.session import Session

EVERY_SECONDS = 300.0  # an epoch that takes longer is kept in between


class AverageWeights(Callback):
    """Follow the weights with their exponential moving average, as the recipe's `ema` says."""

    def after_step(self, session: Session) -> None:
        if session.average is not None:
            session.average.update_parameters(session.lens.network)


class KeepEach(Callback):
    """Keep the weights after every so many epochs, under the epoch's name: epoch-003.pt."""

    def __init__(self, every: int) -> None:
        self.every = every

    def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
        if row["epoch"] % self.every == 0:
            session.require_finite()
            path = session.run.epoch_checkpoint(row["epoch"])
            write(path, {"lens": session.judged.modules.state_dict(), "epoch": row["epoch"]})


class KeepBest(Callback):
    """Keep the weights of the epoch with the best value of a metric in best.pt; at the end give them to the lens."""

    def __init__(self, metric: str, *, restore: bool) -> None:
        self.watch = Watch(metric)
        self.restore = restore
        self.epoch = 0

    def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
        if self.watch.improved(row):
            self.epoch = row["epoch"]
            session.require_finite()
            write(
                session.run.checkpoints / "best.pt", {"lens": session.judged.modules.state_dict(), "epoch": self.epoch}
            )

    def on_end(self, session: Session) -> None:
        if self.restore:
            path = session.run.checkpoints / "best.pt"
            kept = read(path)
            if kept.get("epoch") != self.epoch:  # another machine's sitting was killed between writing best and last
                raise TrainingError(f"{path} holds epoch {kept.get('epoch')}, not the best, {self.epoch}; train anew")
            session.judged.modules.load_state_dict(kept["lens"])

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.watch.best, "epoch": self.epoch}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.watch.best, self.epoch = state["best"], state["epoch"]


class KeepLast(Callback):
    """Keep all that training needs to go on, its own callbacks' states too, in last.pt.

    It is written before the first step, after each epoch, every few minutes in between, and when training is stopped.
    """

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        self.callbacks = callbacks
        self.written = 0.0

    def on_start(self, session: Session) -> None:
        self.keep(session)

    def after_step(self, session: Session) -> None:
        if time.monotonic() - self.written > EVERY_SECONDS:
            self.keep(session)

    def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
        self.keep(session)

    def on_interrupt(self, session: Session) -> None:
        self.keep(session)

    def keep(self, session: Session) -> None:
        """Write last.pt."""
        session.require_finite()
        states = {type(callback).__name__: callback.state_dict() for callback in self.callbacks}
        write(session.run.checkpoints / "last.pt", session.state_dict() | {"callbacks": states})
        self.written = time.monotonic()


def write(path: Path, value: dict[str, Any]) -> None:
    """Save a checkpoint, whole or not at all."""
    whole = io.BytesIO()  # torch hides what the disk says of a file behind an error of its own
    torch.save(value, whole)
    with replacing(path) as file:
        file.write(whole.getbuffer())


def read(path: Path) -> dict[str, Any]:
    """Load a checkpoint, tensors and plain values only. Raises TrainingError where it is missing or damaged."""
    try:
        value = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise TrainingError(f"{path} is missing: there is nothing to go on from; train anew") from None
    except Exception as error:  # torch raises what it likes on broken bytes
        raise TrainingError(f"{path} is damaged ({one_line(error)}); train anew") from error
    if not isinstance(value, dict):
        raise TrainingError(f"{path} is no checkpoint of a training; train anew")
    return value
