"""How much training fits a time: a few steps are taken, and thrown away."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tinylens.data import Splits
from tinylens.data.manifest import Choice, Manifest
from tinylens.errors import UsageError
from tinylens.hardware import choose_hardware, make_ready
from tinylens.recipe import Recipe
from tinylens.runs import Run
from tinylens.training.fit import new_session, require_logits, seeded
from tinylens.training.loop import LOOKED_AT, batches_left, deterministic, train_step
from tinylens.training.session import Session

STEPS = 4  # that are timed of each size
KEPT_FREE = 0.03  # of the time, for what varies
LOOKS_AT_THE_END = 2  # at each image that the lens is judged on; it looks again only where it is unsure


def within(recipe: Recipe, name: str, choice: Choice, splits: Splits, seconds: float) -> dict[str, Any]:
    """The settings with which training takes about so many seconds: iterations, and the epochs that they are.

    name: the recipe's, or its file. Raises UsageError where not even one epoch fits.
    """
    with TemporaryDirectory() as folder, seeded(recipe.seed):
        run = Run.create(Path(folder), recipe, name, Manifest.of(choice, splits), opens_test=False)
        hardware = choose_hardware(recipe.precision)
        make_ready(hardware)
        session = new_session(run, splits, hardware)
        require_logits(session)
        session.lens.network.train()
        for group in session.optimizer.param_groups:
            group["lr"] = 0.0  # as much work, and no loss that is not finite
        began = time.perf_counter()
        with deterministic(session.hardware.device):
            step, look = step_seconds(session), look_seconds(session)
        judged = len(splits.validation or ()) + len(splits.test)
        left = seconds * (1 - KEPT_FREE) - (time.perf_counter() - began) - LOOKS_AT_THE_END * judged * look
    each = step + look * len(splits[recipe.select_on]) / session.steps_per_epoch
    steps = math.floor(left / each)
    if steps < session.steps_per_epoch:
        epoch = each * session.steps_per_epoch
        raise UsageError(f"--time: not even one epoch fits, which takes about {epoch:.0f} s here")
    return {"iterations": steps, "epochs": math.ceil(steps / session.steps_per_epoch)}


def step_seconds(session: Session) -> float:
    """The mean time of a step over a training, in which images may grow."""
    indices = next(batches_left(session))
    edges = sorted({0.0, *(one.since for one in session.recipe.growth)})
    mean = 0.0
    for since, until in zip(edges, [*edges[1:], 1.0], strict=True):
        session.progress.step = math.ceil(since * session.total_steps)
        _, *seconds = (timed(lambda: train_step(session, indices)) for _ in range(STEPS))  # the first is slow
        mean += (until - since) * median(seconds)
    return mean


def look_seconds(session: Session) -> float:
    """How long it takes to look at an image that training is judged by; some that are trained on stand in for it."""
    some = session.splits.train.batch(np.arange(min(LOOKED_AT, len(session.splits.train))))
    seconds = [timed(lambda: session.judged.logits(some, views=False)) for _ in range(2)]
    return seconds[-1] / len(some)


def timed(act: Callable[[], object]) -> float:
    """How many seconds an act takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
