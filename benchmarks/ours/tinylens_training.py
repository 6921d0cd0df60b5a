"""One measurement of a Tinylens recipe in training, printed as one line of JSON.

python benchmarks/ours/tinylens_training.py JOB        JOB: as throughput.py makes it

It is the training that a user has: `fit` with all its callbacks, augmentation and preprocessing, on a run of its own.
"""

import json
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clock import Clock
from tinylens import recipes
from tinylens.data.manifest import Manifest
from tinylens.experiment import choose
from tinylens.runs import Run
from tinylens.training.callbacks import Callback
from tinylens.training.fit import fit
from tinylens.training.session import Session

UNENDING = {"epochs": 10_000, "patience": None, "keep_every": None}  # the clock ends it


class Measured(Exception):
    """Enough is measured: training need not go on."""


class TimeSteps(Callback):
    """Tell a clock of each step, and end training when it is over."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.about: dict[str, Any] = {}

    def on_start(self, session: Session) -> None:
        used = session.hardware
        parameters = sum(p.numel() for p in session.lens.network.parameters() if p.requires_grad)
        self.about = {"parameters": parameters, "precision": used.precision, "threads": used.threads}

    def on_step(self, session: Session) -> None:
        self.clock.step_begins(session.progress.seen)
        if self.clock.over:
            raise Measured


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Train a recipe until its clock is over.

    job: recipe and settings; images, a data set by name or an .npz file; seconds to measure. Other keys are not used.
    """
    timer = TimeSteps(Clock(job["seconds"]))
    recipe = recipes.find(job["recipe"]).resolve(job["settings"] | UNENDING)
    choice = choose(recipe, job["images"], None, None, False)
    splits = choice.load()
    with TemporaryDirectory() as folder:
        run = Run.create(Path(folder), recipe, job["recipe"], Manifest.of(choice, splits))
        with suppress(Measured):
            fit(run, splits, progress=False, own=[timer])
        versions = run.environment["versions"]
    return timer.clock.result() | timer.about | {"versions": versions}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
