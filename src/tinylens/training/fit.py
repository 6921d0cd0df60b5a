"""Fitting: from a run that is prepared to a run with a lens, in as many sittings as it takes."""

import errno
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from tinylens.data import Dataset, Splits
from tinylens.errors import Interrupted, TinylensError, TrainingError, one_line
from tinylens.files import UNFINISHED
from tinylens.hardware import Hardware, choose_hardware, make_ready
from tinylens.lens import Lens, pixels, untrained
from tinylens.pixels.preprocess import fit_steps
from tinylens.recipe import Recipe, own_code
from tinylens.runs import Run
from tinylens.training.callbacks import Callback
from tinylens.training.callbacks.deciding import ScheduleDropout, ScheduleRate, StopEarly
from tinylens.training.callbacks.keeping import AverageWeights, KeepBest, KeepEach, KeepLast, read
from tinylens.training.callbacks.telling import ShowBar, WriteHistory, WriteLog, WriteTensorBoard
from tinylens.training.loop import train
from tinylens.training.session import CHECKPOINT_FORMAT, Session
from tinylens.training.signals import listening

FITTED_ON = 5_000_000  # pixels of training images, that a network is fitted to: 60 MB
REPORT_BYTES = 30_000_000  # predictions, figures and report of a run on CIFAR


def fit(run: Run, splits: Splits, *, resume: bool = False, progress: bool = True, own: Sequence[Callback] = ()) -> None:
    """Train a run's recipe on these splits and leave its lens in the run.

    resume: go on from the run's last checkpoint. progress: show a person how it goes. own: callbacks of the caller's,
    called after the usual ones; they have no place in checkpoints.
    Raises TrainingError where it cannot be done, and Interrupted where somebody stops it.
    """
    kept = read(run.checkpoints / "last.pt") if resume else None
    if kept is not None and (kept.get("format") != CHECKPOINT_FORMAT or "hardware" not in kept):
        raise TrainingError(f"{run.checkpoints / 'last.pt'} cannot be read by this version; train anew")
    with seeded(run.recipe.seed), listening() as stop_request:
        hardware = hardware_for(run.recipe, kept)
        make_ready(hardware)
        session = new_session(run, splits, hardware)
        callbacks = [*default_callbacks(session.recipe, progress=progress), *own]
        if kept is None:
            require_logits(session)
            require_space(run.path, session)
        else:
            go_back(session, callbacks, kept)
        run.write_training(summary(session, callbacks, "under way"))
        try:
            train(session, callbacks, stop_request)
        except BaseException:
            with suppress(TinylensError):  # what ended training is what the caller must hear
                run.write_training(summary(session, callbacks, "stopped"))
            raise
        run.write_training(summary(session, callbacks, session.progress.stop or session.whole))
        run.save_lens(session.judged)  # last: where it is, training is done
    if stop_request.signal_number:
        raise Interrupted(
            f"stopped when training was done; `tinylens resume {run.path}` judges it", stop_request.signal_number
        )


def hardware_for(recipe: Recipe, kept: dict[str, Any] | None) -> Hardware:
    """The machine as the recipe wants it used. Threads and precision stay: else sums round otherwise."""
    chosen = choose_hardware(recipe.precision)
    if kept and kept["hardware"]["device"] == chosen.device:
        return Hardware(**kept["hardware"])
    return chosen


def go_back(session: Session, callbacks: Sequence[Callback], kept: dict[str, Any]) -> None:
    """Bring session and callbacks to where a checkpoint was written. Raises TrainingError where they do not fit it."""
    try:
        session.load_state_dict(kept)
        for callback in callbacks:
            if state := kept["callbacks"].get(type(callback).__name__):
                callback.load_state_dict(state)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        place = session.run.checkpoints / "last.pt"
        raise TrainingError(f"{place} does not fit the run's recipe and data: {one_line(error)}; train anew") from error


def new_session(run: Run, splits: Splits, hardware: Hardware) -> Session:
    """A session with fresh weights, and preprocessing fitted on the training images."""
    recipe = run.recipe
    lens = untrained(recipe, run.title, splits.classes, splits.train.superclasses)  # errors name the user's own file
    lens.recipe_name = Path(run.recipe_name).name
    lens.preprocess = fit_steps(recipe.preprocess, splits.train)
    lens.modules.to(hardware.device)
    if type(recipe).fit_network is not Recipe.fit_network:
        with own_code(f"{run.title}: the model cannot be fitted to the training images"):
            recipe.fit_network(lens.network, prepared_sample(lens, splits.train, hardware.device))
    if not any(parameter.requires_grad for parameter in lens.network.parameters()):
        raise TrainingError(f"{run.title}: its model has no weights to train")
    if recipe.monitor == "validation_top5" and len(splits.classes) <= 5:
        raise TrainingError(f"monitor=validation_top5 says nothing of {len(splits.classes)} classes; choose another")
    with own_code(f"{run.title}: the optimizer cannot have its parameter_groups"):
        batches = -(-len(splits.train) // recipe.batch_size)
        filled = recipe.model_copy(update={"batch_size": -(-len(splits.train) // batches)})  # as many as there are
        optimizer = recipe.optimizer.build(filled.parameter_groups(lens.network))
    session = Session(run, recipe, lens, optimizer, splits, hardware)
    if recipe.ema is not None:
        average = get_ema_multi_avg_fn(recipe.ema)
        session.average = AveragedModel(lens.network, multi_avg_fn=average, use_buffers=True)
    return session


def prepared_sample(lens: Lens, train: Dataset, device: str) -> Float[Tensor, "n 3 h w"]:
    """Some training images from all over the split, always the same ones, as the network takes them."""
    height, width = train.image_size
    count = min(len(train), max(1, FITTED_ON // (height * width)))
    images = train.batch(np.linspace(0, len(train) - 1, count).astype(int))
    return lens.prepare(pixels(torch.from_numpy(images).to(device)))


def default_callbacks(recipe: Recipe, *, progress: bool) -> list[Callback]:
    """What decides, then what keeps, then what tells."""
    callbacks: list[Callback] = [ScheduleRate(), ScheduleDropout(), AverageWeights()]
    if recipe.patience is not None:
        callbacks.append(StopEarly(recipe.monitor, recipe.patience))
    callbacks.append(KeepBest(recipe.monitor, restore=recipe.keep == "best"))
    if recipe.keep_every is not None:
        callbacks.append(KeepEach(recipe.keep_every))
    callbacks.append(KeepLast(tuple(callbacks)))
    callbacks += [WriteHistory(), WriteLog(visible=progress), WriteTensorBoard()]
    if progress and sys.stderr.isatty():
        callbacks.append(ShowBar())
    return callbacks


def summary(session: Session, callbacks: Sequence[Callback], ended: str) -> dict[str, Any]:
    """How training went so far."""
    at = session.progress
    best = next(callback.epoch for callback in callbacks if isinstance(callback, KeepBest))
    return {
        "ended": ended,
        "epochs": at.epoch,
        "steps": at.step,
        "seconds": round(at.seconds, 3),
        "best_epoch": best,
        "kept_epoch": best if session.recipe.keep == "best" else at.epoch,
        "hardware": asdict(session.hardware),
    }


def require_logits(session: Session) -> None:
    """Raise TrainingError where the recipe's model does not turn images into one logit for each class."""
    name, classes = session.run.title, len(session.lens.classes)
    images = session.splits.train.batch(np.arange(1))
    with own_code(f"{name}: its model fails on the first image"):
        shape = tuple(session.lens.logits(images, views=False).shape)
    if shape != (1, classes):
        raise TrainingError(
            f"{name}: its model gives {shape} for one image; it must give (1, {classes}), a logit a class"
        )


def require_space(folder: Path, session: Session) -> None:
    """Raise TrainingError where the disk has no room for all that the run will write."""
    weights = sum(p.numel() * p.element_size() for p in session.lens.modules.state_dict().values())
    # last.pt has the weights, at most two numbers a weight of the optimizer, and perhaps an average, and is written
    # beside the old one; best.pt, the lens and each epoch that is kept have the weights.
    recipe = session.recipe
    lasting = 4 if recipe.ema else 3
    epochs = recipe.epochs // recipe.keep_every if recipe.keep_every else 0
    needed = weights * (2 * lasting + 2 + 1 + epochs) + REPORT_BYTES
    probe = folder / f".space{UNFINISHED}"
    try:
        with probe.open("wb") as file:
            reserve(file.fileno(), needed, folder)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            reason = f"no room for the {needed / 1e6:.0f} MB of a run"
        else:
            reason = "cannot be written"
        raise TrainingError(f"{folder}: {reason}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


def reserve(file: int, size: int, folder: Path) -> None:
    """Take `size` bytes of the disk for an open file. Raises OSError where there are not as many."""
    try:
        os.posix_fallocate(file, 0, size)
    except (AttributeError, OSError) as error:
        cannot = isinstance(error, AttributeError) or error.errno in (errno.EINVAL, errno.EOPNOTSUPP)
        if not cannot:
            raise
        if shutil.disk_usage(folder).free < size:  # not every system can reserve
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch for the block, and leave the caller's random state and threads as they were."""
    threads = torch.get_num_threads()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
