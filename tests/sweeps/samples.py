"""What tests of sweeps share: quick settings, and sweeps that are only told of."""

from pathlib import Path
from typing import Any

from tinylens.evaluation.statistics import wilson_interval
from tinylens.sweeps import Outcome, Plan, Row, Sweep

QUICK: dict[str, Any] = {"epochs": 2, "limit": 300, "progress": False}


def outcome(accuracy: float, *, seed: int = 0, loss: float = 1.0, epochs: int = 3, images: int = 100) -> Outcome:
    interval = wilson_interval(round(accuracy * images), images)
    return Outcome(f"run-{accuracy}-{seed}", seed, accuracy, interval, loss, images, epochs, 30, 1.5)


def sketch(rows: list[Row], *, seeds: int = 1, over: dict[str, list[Any]] | None = None) -> Sweep:
    """A sweep whose runs are only told of."""
    over = over or {"batch_size": [row.values["batch_size"] for row in rows]}
    plan = Plan("four-by-four", "digits", "digits", over, seeds, {}, None, False)
    return Sweep(Path("runs/sweep-x"), plan, tuple(rows))
