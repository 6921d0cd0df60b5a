"""Fitting: from a run that is prepared to a run with a lens, in as many sittings as it takes."""

import errno
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tinylens.data import Splits
from tinylens.errors import TrainingError
from tinylens.hardware import Hardware, choose_hardware
from tinylens.lens import untrained
from tinylens.recipe import Recipe
from tinylens.runs import Run
from tinylens.training.callbacks import Callback
from tinylens.training.callbacks.deciding import ScheduleRate, StopEarly
from tinylens.training.callbacks.keeping import KeepBest, KeepLast, read
from tinylens.training.callbacks.telling import ShowBar, WriteHistory, WriteLog, WriteTensorBoard
from tinylens.training.loop import train
from tinylens.training.session import Session
from tinylens.training.signals import listening

REPORT_BYTES = 30_000_000  # predictions, figures and report of a run on CIFAR


def fit(run: Run, splits: Splits, *, resume: bool = False, progress: bool = True) -> None:
    """Train a run's recipe on these splits and leave its lens in the run.

    resume: go on from the run's last checkpoint. progress: show a person how it goes.
    Raises TrainingError where it cannot be done, and Interrupted where somebody stops it.
    """
    kept = read(run.checkpoints / "last.pt") if resume else None
    with seeded(run.recipe.seed), listening() as stop_request:
        hardware = choose_hardware(run.recipe.precision)
        if kept and kept["hardware"]["device"] == hardware.device:
            hardware = Hardware(**kept["hardware"])  # the same threads and precision: else the sums round otherwise
        torch.set_num_threads(hardware.threads)
        session = new_session(run, splits, hardware)
        callbacks = default_callbacks(session.recipe, progress=progress)
        if kept:
            session.load_state_dict(kept)
            for callback in callbacks:
                if state := kept["callbacks"].get(type(callback).__name__):
                    callback.load_state_dict(state)
        else:
            require_space(run.path, session)
        run.write_training(summary(session, callbacks, "under way"))
        try:
            train(session, callbacks, stop_request)
        finally:
            run.write_training(summary(session, callbacks, "stopped"))
    run.save_lens(session.lens)
    run.write_training(summary(session, callbacks, session.progress.stop or "all epochs done"))


def new_session(run: Run, splits: Splits, hardware: Hardware) -> Session:
    """A session with fresh weights, and preprocessing fitted on the training images."""
    recipe = run.recipe
    lens = untrained(recipe, Path(run.recipe_name).name, splits.classes, splits.train.superclasses)
    lens.preprocess = nn.Sequential(*(step.fit(splits.train) for step in recipe.preprocess))
    lens.modules.to(hardware.device)
    return Session(run, recipe, lens, recipe.optimizer.build(lens.network.parameters()), splits, hardware)


def default_callbacks(recipe: Recipe, *, progress: bool) -> list[Callback]:
    """What decides, then what keeps, then what tells."""
    callbacks: list[Callback] = [ScheduleRate()]
    if recipe.patience is not None:
        callbacks.append(StopEarly(recipe.monitor, recipe.patience))
    callbacks.append(KeepBest(recipe.monitor, restore=recipe.keep == "best"))
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


def require_space(folder: Path, session: Session) -> None:
    """Raise TrainingError where the disk has no room for all that the run will write."""
    weights = sum(p.numel() * p.element_size() for p in session.lens.modules.state_dict().values())
    # last.pt has the weights and at most two numbers a weight of the optimizer, and is written beside the old one;
    # best.pt and the lens have the weights.
    needed = weights * (2 * 3 + 2 + 1) + REPORT_BYTES
    probe = folder / ".space"
    try:
        with probe.open("wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, needed)
            elif shutil.disk_usage(folder).free < needed:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise TrainingError(f"{folder}: no room for the {needed / 1e6:.0f} MB of a run: {error.strerror}") from None
    finally:
        probe.unlink(missing_ok=True)


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
