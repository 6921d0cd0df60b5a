"""The recipes' models as real Keras layers, which the tests have, for all that measures them.

python benchmarks/peers/keras_network.py --list     recipe and settings of each model, as one line of JSON
"""

import importlib.util
import json
import os
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np

MODELS = Path(__file__).parents[2] / "tests" / "recipes" / "keras_models.py"
BACKENDS = {"tensorflow": ("tensorflow", "tensorflow-cpu"), "jax": ("jax",), "torch": ("torch",)}


def models() -> ModuleType:
    """The module that the tests have."""
    spec = importlib.util.spec_from_file_location("keras_models", MODELS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def every_model() -> list[Any]:
    """The models that the tests prove to be the recipes', and those of our own recipes."""
    module = models()
    return [*module.MODELS, *module.OWN]


def listed() -> dict[str, Any]:
    """Recipe and settings of each model, those without that keep the faults of a source."""
    named = [{"recipe": recipe, "settings": settings} for recipe, settings, _, _ in every_model()]
    return {"models": [each for each in named if not each["settings"].get("as_published")]}


def layers(job: dict[str, Any]) -> list[Any]:
    """The layers of the job's model."""
    wanted = job["recipe"], job["settings"]
    return next(build() for recipe, settings, _, build in every_model() if (recipe, settings) == wanted)


def network(job: dict[str, Any], shape: tuple[int, ...], *last: Any) -> Any:
    """The job's model in the job's precision, for images of this shape; with more layers behind its own."""
    keras.mixed_precision.set_global_policy(job["precision"])
    return keras.Sequential([keras.Input(shape), *layers(job), *last])


def about(model: Any) -> dict[str, Any]:
    """How large a model is, and what computes it."""
    parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    precision = keras.mixed_precision.global_policy().name
    return {"parameters": parameters, "precision": precision, "threads": threads(), "versions": versions()}


def versions() -> dict[str, str]:
    """Keras, its backend and numpy."""
    names = (name for name in BACKENDS[keras.backend.backend()] if installed(name))
    return {name.removesuffix("-cpu"): metadata.version(name) for name in ("keras", *names, "numpy")}


def installed(package: str) -> bool:
    """Whether a package is here under this name."""
    return bool(list(metadata.distributions(name=package)))


def threads() -> int:
    """How many threads the backend computes an operation with."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.config.threading.get_intra_op_parallelism_threads() or cores  # it calls all cores 0
    if keras.backend.backend() == "torch":
        import torch

        return torch.get_num_threads()
    return cores


if __name__ == "__main__":
    print(json.dumps(listed()))
