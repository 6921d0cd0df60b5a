"""A recipe of Tinylens trained for a time and judged on the test images, printed as one line of JSON.

python benchmarks/ours/tinylens_timed.py JOB        JOB: as five_minutes.py makes it

It is what `tinylens train RECIPE --time` does with the images once it has loaded them.
"""

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clock import Budget
from tinylens import recipes
from tinylens.data.manifest import Manifest
from tinylens.evaluation.judge import judge
from tinylens.experiment import choose
from tinylens.runs import Run
from tinylens.training.budget import within
from tinylens.training.fit import fit


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Train and judge. job: recipe; images, an .npz file; seconds; seed."""
    kind = recipes.find(job["recipe"])
    given = {"seed": job["seed"]}
    recipe = kind.resolve(given)
    choice = choose(recipe, job["images"], None, None, False)
    splits = choice.load()
    with TemporaryDirectory() as folder:
        budget = Budget(job["seconds"])
        recipe = kind.resolve(given | within(recipe, job["recipe"], choice, splits, job["seconds"]))
        run = Run.create(Path(folder), recipe, job["recipe"], Manifest.of(choice, splits))
        fit(run, splits, progress=False)
        seconds = budget.spent
        began = time.perf_counter()
        metrics = judge(run, "test", splits, by="by the benchmark")
        judging, training, versions = time.perf_counter() - began, run.training, run.environment["versions"]
    return {
        "accuracy": metrics.accuracy,
        "tested": metrics.images,
        "images": seen(training["steps"], len(splits.train), recipe.batch_size),
        "seconds": seconds,
        "judging_seconds": judging,
        "precision": training["hardware"]["precision"],
        "versions": versions,
    }


def seen(steps: int, images: int, batch_size: int) -> int:
    """How many images so many steps have seen; the last batch of an epoch is what is left."""
    epochs, more = divmod(steps, -(-images // batch_size))
    return epochs * images + more * batch_size


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
