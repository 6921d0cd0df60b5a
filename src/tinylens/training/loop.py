"""The training loop. It knows no callback by name."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Int

from tinylens.data import Dataset
from tinylens.errors import Interrupted, TrainingError
from tinylens.training.callbacks import Callback
from tinylens.training.session import LOWER_RATE, Session
from tinylens.training.signals import StopRequest


def train(session: Session, callbacks: Sequence[Callback], stop_request: StopRequest) -> None:
    """Train from where the session is to the end of its recipe, or until a callback stops it.

    Raises TrainingError where the loss or a weight is not finite, and Interrupted after the step during which a stop
    was asked for; what callbacks do then (a checkpoint) is done before.
    """
    progress = session.progress
    with deterministic(), closing(session, callbacks):
        for callback in callbacks:
            callback.on_start(session)
        while progress.epoch < session.recipe.epochs and progress.stop is None:
            began = time.perf_counter()
            for indices in batches_left(session):
                for callback in callbacks:
                    callback.on_step(session)
                train_step(session, indices)
                for callback in callbacks:
                    callback.after_step(session)
                if stop_request.signal_number:
                    progress.seconds += time.perf_counter() - began
                    interrupt(session, callbacks, stop_request)
            row = close_epoch(session)
            progress.seconds += time.perf_counter() - began
            row["seconds"] = round(progress.seconds, 3)
            for callback in callbacks:
                callback.after_epoch(session, row)
        for callback in callbacks:
            callback.on_end(session)


def batches_left(session: Session) -> Iterator[Int[np.ndarray, "b"]]:
    """The positions of the training images in each batch that is left of this epoch, in an order of its own."""
    recipe, progress = session.recipe, session.progress
    order = np.random.default_rng([recipe.seed, progress.epoch]).permutation(len(session.splits.train))
    for start in range(progress.batch * recipe.batch_size, len(order), recipe.batch_size):
        yield order[start : start + recipe.batch_size]


def train_step(session: Session, indices: Int[np.ndarray, "b"]) -> None:
    """One batch: forward, loss, backward, update.

    Raises TrainingError where the loss is not finite, before the update.
    """
    device, progress = session.hardware.device, session.progress
    images = torch.from_numpy(session.splits.train.batch(indices)).to(device)
    labels = torch.from_numpy(session.splits.train.labels[indices]).to(device)
    with torch.autocast(device, torch.bfloat16, enabled=session.hardware.precision == "bfloat16"):
        logits = session.lens.forward(images)
    loss = F.cross_entropy(logits.float(), labels)
    value = loss.item()
    if not math.isfinite(value):
        raise TrainingError(f"the loss is {value} at {session.place}: nothing of it was saved; {LOWER_RATE}")
    session.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    session.optimizer.step()
    progress.loss_sum += value * len(indices)
    progress.correct += int((logits.argmax(dim=1) == labels).sum())
    progress.seen += len(indices)
    progress.batch += 1
    progress.step += 1


def close_epoch(session: Session) -> dict[str, Any]:
    """Look at the images that selection goes by, add the epoch's row to the history, and begin the next one."""
    progress = session.progress
    loss, accuracy = judge(session)
    row = {
        "epoch": progress.epoch + 1,
        "step": progress.step,
        "seconds": 0.0,
        "learning_rate": session.optimizer.param_groups[0]["lr"],
        "train_loss": progress.loss_sum / progress.seen,
        "train_accuracy": progress.correct / progress.seen,
        "validation_loss": loss,
        "validation_accuracy": accuracy,
    }
    if not math.isfinite(loss):
        raise TrainingError(
            f"the validation loss is {loss} after step {progress.step}: nothing of it was saved; {LOWER_RATE}"
        )
    progress.history.append(row)
    progress.epoch, progress.batch = progress.epoch + 1, 0
    progress.loss_sum, progress.correct, progress.seen = 0.0, 0, 0
    return row


def judge(session: Session) -> tuple[float, float]:
    """Mean loss and accuracy on the images that selection goes by."""
    selection: Dataset = session.splits[session.recipe.select_on]
    loss_sum, correct, start = 0.0, 0, 0
    for images in selection.batches():
        logits = session.lens.logits(images)
        labels = torch.from_numpy(selection.labels[start : start + len(images)])
        loss_sum += F.cross_entropy(logits, labels, reduction="sum").item()
        correct += int((logits.argmax(dim=1) == labels).sum())
        start += len(images)
    return loss_sum / len(selection), correct / len(selection)


def interrupt(session: Session, callbacks: Sequence[Callback], stop_request: StopRequest) -> None:
    """Let every callback keep what it must, then raise Interrupted."""
    for callback in callbacks:
        callback.on_interrupt(session)
    done, path = session.progress, session.run.path
    raise Interrupted(
        f"stopped after step {done.step} (epoch {done.epoch + 1}, batch {done.batch} of {session.steps_per_epoch}); "
        f"`tinylens resume {path}` goes on from there",
        stop_request.signal_number,
    )


@contextmanager
def closing(session: Session, callbacks: Sequence[Callback]) -> Iterator[None]:
    """Close the callbacks when the block ends, however it does."""
    try:
        yield
    finally:
        for callback in callbacks:
            callback.on_close(session)


@contextmanager
def deterministic() -> Iterator[None]:
    """Same seed, same machine, same result: torch picks only algorithms that keep to that."""
    settings: Any = torch.utils.deterministic
    before = torch.are_deterministic_algorithms_enabled(), settings.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True)
    settings.fill_uninitialized_memory = False  # a safety net that costs time
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0])
        settings.fill_uninitialized_memory = before[1]
