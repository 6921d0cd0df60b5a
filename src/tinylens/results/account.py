"""What runs say of themselves, read once, so that a damaged one is known before the page is begun."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tinylens.errors import TinylensError, one_line
from tinylens.runs import Run
from tinylens.words import count

LIMITED = "made with --limit, on part of the data"
SHUT = "their test images were never opened, as in a sweep (`tinylens evaluate RUN` opens them)"
IN_HISTORY = {"epoch", "step", "seconds", "train_accuracy", "validation_accuracy"}


@dataclass(frozen=True)
class Accuracy:
    """Accuracy on the test images with its 95 % interval, in 0 .. 1."""

    value: float
    interval: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Account:
    """What a run says of itself.

    kind: the same in runs that differ by nothing but their seed. code: the hash of a user's own recipe file. when: it
    was begun. steps, seconds: how far training came. looking: the seconds that judging the test images took, where the
    run has noted them. test: None where it is not judged on the test images.
    """

    run: Run
    kind: str
    code: str | None
    when: str
    versions: str
    hardware: dict[str, Any]
    history: list[dict[str, Any]]
    steps: int
    seconds: float
    looking: float | None
    test: Accuracy | None

    @property
    def epoch_seconds(self) -> list[float]:
        """The seconds that each epoch took."""
        return [after - before for before, after in pairwise([0.0, *(row["seconds"] for row in self.history)])]


@dataclass(eq=False)
class Found:
    """What the runs came to: those judged on the test images, those under way or stopped, and those left out, by
    reason; of one that cannot be read its path and the error."""

    judged: list[Account] = field(default_factory=list)
    begun: list[Account] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    broken: list[dict[str, str]] = field(default_factory=list)

    @property
    def reasons(self) -> list[str]:
        """Why runs are left out that can be read, a line each."""
        return [f"{count(number, 'run')} left out: {why}" for why, number in self.left_out.items()]


def sorted_out(runs: Iterable[Run]) -> Found:
    """Which runs are told of, and why the others are not."""
    found = Found()
    for run in runs:
        try:
            why = reason_to_leave_out(run)
            if why:
                found.left_out[why] = found.left_out.get(why, 0) + 1
            else:
                account = account_of(run)
                (found.begun if account.test is None else found.judged).append(account)
        except TinylensError as error:
            found.broken.append({"run": str(run.path), "error": str(error)})
    return found


def reason_to_leave_out(run: Run) -> str | None:
    """Why a run that can be read is not told of; None where it is."""
    if run.manifest.choice.limit is not None:
        return LIMITED
    return SHUT if not run.evaluated("test") and (run.trained or not run.opens_test) else None


def account_of(run: Run) -> Account:
    """Read a run. Raises TinylensError where something of it is missing or damaged."""
    if not run.training:
        raise TinylensError("its training has not begun, or was killed before its first step")
    try:
        return read_account(run)
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise TinylensError(f"it is damaged: {one_line(error)}") from error


def read_account(run: Run) -> Account:
    """Read a run whose training has begun. Raises all kinds of errors where its files hold something else."""
    training, history, versions = run.training, run.history, run.environment["versions"]
    metrics = run.metrics("test") if run.evaluated("test") else None
    if not all(row.keys() >= IN_HISTORY for row in history) or (metrics is not None and not history):
        raise ValueError("its history is not whole")
    # training.json is written when a sitting begins and ends, the history after each epoch.
    at_sitting = training["steps"], training["seconds"]
    steps, seconds = max([at_sitting, *((row["step"], row["seconds"]) for row in history)])
    return Account(
        run=run,
        kind=kind_of(run),
        code=code_of(run),
        when=str(run.environment["when"]),
        versions=f"Tinylens {versions['tinylens']}, PyTorch {versions['torch']}",
        hardware={key: training["hardware"][key] for key in ("device", "device_name", "threads", "precision")},
        history=history,
        steps=int(steps),
        seconds=float(seconds),
        looking=None if metrics is None or "seconds" not in metrics else float(metrics["seconds"]),
        test=None if metrics is None else Accuracy(float(metrics["accuracy"]), tuple(map(float, metrics["interval"]))),
    )


def code_of(run: Run) -> str | None:
    """The hash of a user's own recipe file; None for a recipe that comes with Tinylens."""
    return hashlib.sha256(Path(run.recipe_name).read_bytes()).hexdigest() if run.recipe_file else None


def kind_of(run: Run) -> str:
    """All that is the same in runs which differ by their seed: code, settings, data, precision and device.

    The seed also cuts the validation images off, so of the data the test images, and the number of all, stand for it.
    """
    manifest, hardware = run.manifest, run.training["hardware"]
    images = sum(part["images"] for part in manifest.splits.values())
    data = [manifest.choice.name, manifest.choice.skip_bad, manifest.classes, images]
    return json.dumps(
        [
            code_of(run) or run.recipe_name,
            run.recipe.model_dump(mode="json", exclude={"seed"}),
            [*data, manifest.splits["test"]["fingerprint"]],
            [hardware["precision"], hardware["device"]],
        ]
    )
