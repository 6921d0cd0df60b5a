"""Time and memory of a training with so many images, of such a size and in so many classes, as one line of JSON.

python benchmarks/ours/tinylens_growth.py JOB        JOB: as growth.py makes it

Loading is what `tinylens train` does before its first step: read the file, check it, cut off validation images, write
down what the data is. Then some steps are timed, not whole epochs.
"""

import json
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tinylens_training import UNENDING, Measured, TimeSteps

from clock import Clock
from tinylens import recipes
from tinylens.data.manifest import Manifest
from tinylens.experiment import choose
from tinylens.runs import Run
from tinylens.training.fit import fit

STATUS = Path("/proc/self/status")
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes that getrusage tells memory in


def highest_memory() -> int:
    """The most bytes that this process has held so far. On Linux getrusage would count who started it too."""
    if STATUS.is_file():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Load and train. job: recipe; images, an .npz file; image_size; seconds to measure steps."""
    before = highest_memory()
    recipe = recipes.find(job["recipe"]).resolve({"image_size": job["image_size"], **UNENDING})
    timer = TimeSteps(Clock(job["seconds"]))
    began = time.perf_counter()
    choice = choose(recipe, job["images"], None, None, False)
    splits = choice.load()
    manifest = Manifest.of(choice, splits)
    loading, loaded = time.perf_counter() - began, highest_memory()
    with TemporaryDirectory() as folder:
        run = Run.create(Path(folder), recipe, job["recipe"], manifest)
        with suppress(Measured):
            fit(run, splits, progress=False, own=[timer])
        versions = run.environment["versions"]
    found = timer.clock.result()
    times = {"loading_seconds": loading, "epoch_seconds": len(splits.train) / found["images_per_second"]}
    memory = {"bytes_at_start": before, "bytes_loaded": loaded, "bytes_at_most": highest_memory()}
    return found | times | memory | timer.about | {"training_images": len(splits.train), "versions": versions}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
