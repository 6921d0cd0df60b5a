"""The training loop. It knows no callback by name."""

import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any, NoReturn

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from tinylens.data import Dataset
from tinylens.errors import Interrupted, TrainingError
from tinylens.hardware import computing
from tinylens.lens import pixels
from tinylens.networks.outputs import top_k_correct
from tinylens.pixels.augment import Batch, augmented
from tinylens.pixels.growth import grown
from tinylens.recipe import Recipe, own_code
from tinylens.training.callbacks import Callback
from tinylens.training.session import LOWER_RATE, Session
from tinylens.training.signals import StopRequest

LOOKED_AT = 1000  # images between two moments at which looking at the validation images can be stopped


def train(session: Session, callbacks: Sequence[Callback], stop_request: StopRequest) -> None:
    """Train from where the session is to the end of its recipe, or until a callback stops it.

    Raises TrainingError where the loss or a weight is not finite, and Interrupted after the step during which a stop
    was asked for; what callbacks do then (a checkpoint) is done before.
    """
    progress = session.progress
    session.lens.network.train()
    with deterministic(session.hardware.device), closing(session, callbacks):
        for callback in callbacks:
            callback.on_start(session)
        began = time.perf_counter() - progress.seconds
        while not session.done:
            for indices in batches_left(session):
                for callback in callbacks:
                    callback.on_step(session)
                train_step(session, indices)
                progress.seconds = time.perf_counter() - began
                for callback in callbacks:
                    callback.after_step(session)
                if stop_request.signal_number:
                    interrupt(session, callbacks, stop_request)
            figures = judge(session, stop_request)
            progress.seconds = time.perf_counter() - began
            if figures is None:  # they are looked at again when training goes on
                interrupt(session, callbacks, stop_request)
            row = close_epoch(session, figures)
            for callback in callbacks:
                callback.after_epoch(session, row)
        for callback in callbacks:
            callback.on_end(session)


def batches_left(session: Session) -> Iterator[Int[np.ndarray, " b"]]:
    """The positions of the training images in each batch that is left of this epoch, in an order of its own.

    All batches of an epoch are as large as each other, give or take one image: a small one at its end would have a
    gradient of much noise, and the weights would be judged right after it.
    """
    progress, batches = session.progress, session.steps_per_epoch
    order = np.random.default_rng([session.recipe.seed, progress.epoch]).permutation(len(session.splits.train))
    edges = np.arange(batches + 1) * len(order) // batches
    for start, end in pairwise(edges[progress.batch :]):
        if progress.step >= session.total_steps:
            return
        yield order[start:end]


def train_step(session: Session, indices: Int[np.ndarray, " b"]) -> None:
    """One batch: forward, loss, backward, update.

    Raises TrainingError where the model fails, or where the loss is not finite, before the update.
    """
    progress, used, batch = session.progress, session.hardware, loaded(session, indices)
    with located(session):
        batch = prepared(session, batch)
        with computing(used.device, used.precision):
            logits = session.lens.network(batch.images)
        loss = mixed_loss(session.recipe, logits.float(), batch)
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingError(f"the loss is {value} at {session.place}: nothing of it was saved; {LOWER_RATE}")
        session.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        with computing(used.device, used.precision):  # for an optimizer that multiplies matrices
            session.optimizer.step()
    progress.loss_sum += value * len(indices)
    progress.correct += credit(logits.argmax(dim=1), batch)
    progress.seen += len(indices)
    progress.batch += 1
    progress.step += 1


def loaded(session: Session, indices: Int[np.ndarray, " b"]) -> Batch:
    """The training images at these positions, on the device."""
    train, device = session.splits.train, session.hardware.device
    images, labels = torch.from_numpy(train.batch(indices)), torch.from_numpy(train.labels[indices])
    batch = pixels(images.to(device)), labels.long().to(device), torch.from_numpy(indices).to(device)
    return Batch(*batch, epoch=session.progress.epoch, seed=session.recipe.seed)


def prepared(session: Session, batch: Batch) -> Batch:
    """Training images as the network takes them: augmented, and prepared by the lens as they are in use."""
    steps, progress = session.recipe.augment, session.progress
    batch = augmented(steps, batch, on_pixels=True)
    batch = replace(batch, images=session.lens.prepare(batch.images))
    batch = augmented(steps, batch, on_pixels=False)
    return replace(batch, images=grown(session.recipe.growth, batch.images, progress.step / session.total_steps))


def mixed_loss(recipe: Recipe, logits: Float[Tensor, "n k"], batch: Batch) -> Float[Tensor, ""]:
    """The recipe's loss; of mixtures, that of each part in its share."""
    loss = recipe.loss(logits, batch.labels)
    if batch.others is None:
        return loss
    return batch.share * loss + (1 - batch.share) * recipe.loss(logits, batch.others)


def credit(answers: Int[Tensor, " n"], batch: Batch) -> float:
    """How many images of a batch are answered right; a mixture counts by the share of the part that is."""
    right = int((answers == batch.labels).sum())
    if batch.others is None:
        return float(right)
    return batch.share * right + (1 - batch.share) * int((answers == batch.others).sum())


def located(session: Session) -> AbstractContextManager[None]:
    """Say where training was when the model, the loss or the memory fails in the block."""
    return own_code(f"{session.run.title}: the model fails at {session.place}")


def close_epoch(session: Session, figures: dict[str, float]) -> dict[str, Any]:
    """Add the epoch's row to the history, and begin the next one.

    figures: what `judge` found. Raises TrainingError where the loss is not finite.
    """
    progress, loss = session.progress, figures["validation_loss"]
    if not math.isfinite(loss):
        raise TrainingError(
            f"the validation loss is {loss} after step {progress.step}: nothing of it was saved; {LOWER_RATE}"
        )
    row = {
        "epoch": progress.epoch + 1,
        "step": progress.step,
        "seconds": round(progress.seconds, 3),
        "learning_rate": session.optimizer.param_groups[0]["lr"] / session.optimizer.param_groups[0].get("scale", 1.0),
        "train_loss": progress.loss_sum / progress.seen,
        "train_accuracy": progress.correct / progress.seen,
        **figures,
    }
    progress.history.append(row)
    progress.epoch, progress.batch = progress.epoch + 1, 0
    progress.loss_sum, progress.correct, progress.seen = 0.0, 0.0, 0
    return row


def judge(session: Session, stop_request: StopRequest) -> dict[str, float] | None:
    """Mean loss, accuracy and, of more than five classes, top-5 accuracy on the images that selection goes by.

    None where a stop is asked for meanwhile.
    """
    selection: Dataset = session.splits[session.recipe.select_on]
    lens, loss_sum, correct, among_five, start = session.judged, 0.0, 0, 0, 0
    for images in selection.batches(LOOKED_AT):
        logits = lens.logits(images, views=False)
        labels = torch.from_numpy(selection.labels[start : start + len(images)]).long()
        loss_sum += F.cross_entropy(logits, labels, reduction="sum").item()
        correct += int((logits.argmax(dim=1) == labels).sum())
        among_five += top_k_correct(logits, labels, 5) if len(lens.classes) > 5 else 0
        start += len(images)
        if stop_request.signal_number:
            return None
    figures = {"validation_loss": loss_sum / start, "validation_accuracy": correct / start}
    return figures | ({"validation_top5": among_five / start} if len(lens.classes) > 5 else {})


def interrupt(session: Session, callbacks: Sequence[Callback], stop_request: StopRequest) -> NoReturn:
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
def deterministic(device: str) -> Iterator[None]:
    """Same seed, same machine, same result: torch picks only algorithms that keep to that, or warns on a GPU."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it CUDA's matrix products refuse
    settings: Any = torch.utils.deterministic
    enabled, warn_only = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    filled = settings.fill_uninitialized_memory
    # On CUDA some backward passes, as that of max-pooling, have no deterministic form and would raise.
    torch.use_deterministic_algorithms(True, warn_only=device != "cpu")
    settings.fill_uninitialized_memory = False  # a safety net that costs time
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(enabled, warn_only=warn_only)
        settings.fill_uninitialized_memory = filled
