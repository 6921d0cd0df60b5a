"""How fast a lens classifies, printed as one line of JSON.

python benchmarks/ours/tinylens_inference.py JOB        JOB: as inference.py makes it

The weights are fresh ones: these are as fast as trained ones, but where a recipe looks more than once at images of
which it is unsure, it looks so at every image.
"""

import json
import sys
from functools import partial
from importlib import metadata
from typing import Any

import numpy as np

from clock import calls
from tinylens import recipes
from tinylens.data import load_data
from tinylens.hardware import choose_hardware, make_ready
from tinylens.lens import Lens, untrained
from tinylens.pixels.preprocess import fit_steps


def made(job: dict[str, Any]) -> tuple[Lens, np.ndarray]:
    """A lens of the job's recipe, and images for it."""
    recipe = recipes.find(job["recipe"]).resolve(job["settings"])
    splits = load_data(job["images"], image_size=recipe.image_size, resize=recipe.resize)
    lens = untrained(recipe, job["recipe"], splits.classes, None)
    lens.preprocess = fit_steps(recipe.preprocess, splits.train)
    return lens, splits.train.images


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Time calls with each number of images. job: recipe and settings; images, an .npz file; batches; seconds."""
    lens, images = made(job)
    hardware = choose_hardware(lens.recipe.lens_precision)
    make_ready(hardware)
    parts = {str(batch): images[:batch] for batch in job["batches"]}
    found = {name: calls(partial(lens.probabilities, part), len(part), job["seconds"]) for name, part in parts.items()}
    versions = {name: metadata.version(name) for name in ("tinylens", "torch", "numpy")}
    parameters = sum(p.numel() for p in lens.network.parameters() if p.requires_grad)
    about = {"parameters": parameters, "precision": hardware.precision, "threads": hardware.threads}
    return {"batches": found, **about, "views": 1 + len(lens.recipe.views), "versions": versions}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
