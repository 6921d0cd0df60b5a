"""One measurement of a recipe's model in Keras, printed as one line of JSON. It runs in the peer's environment.

python benchmarks/measure_keras.py --list     the models that there are
python benchmarks/measure_keras.py JOB        JOB: as throughput.py makes it

It is the training that a Keras user has: float32 images in memory, divided by 255, and `model.fit` as it comes.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from clock import Clock

MODELS = Path(__file__).parents[1] / "tests" / "recipes" / "keras_models.py"
OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "adamax": keras.optimizers.Adamax,
}
NAMES = {"lr": "learning_rate", "beta1": "beta_1", "beta2": "beta_2"}


class TimeSteps(keras.callbacks.Callback):
    """Tell a clock of each step, and end training when it is over.

    It looks at the beginnings of steps: with a callback for their ends Keras would wait for each step's metrics.
    """

    def __init__(self, clock: Clock, batch_size: int) -> None:
        super().__init__()
        self.clock = clock
        self.batch_size = batch_size

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.clock.step_begins(batch * self.batch_size)
        if self.clock.over:
            self.model.stop_training = True


def models() -> ModuleType:
    """The recipes' models as real Keras layers, which the tests have."""
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


def optimizer(fields: dict[str, Any]) -> Any:
    """Keras' optimizer with a recipe's numbers. Weight decay stands in the layers there, as a penalty."""
    given = {NAMES.get(name, name): value for name, value in fields.items() if name not in ("kind", "weight_decay")}
    return OPTIMIZERS[fields["kind"]](**given)


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Train a model until its clock is over.

    job: recipe and settings; images, an .npz file with x_train and y_train; batch_size; optimizer, a recipe's fields;
    precision, the name of a policy of Keras; seconds to measure.
    """
    keras.mixed_precision.set_global_policy(job["precision"])
    with np.load(job["images"]) as arrays:
        x, y = arrays["x_train"].astype(np.float32) / 255, arrays["y_train"]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers(job)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer(job["optimizer"]), loss, metrics=["accuracy"])
    timer = TimeSteps(Clock(job["seconds"]), job["batch_size"])
    model.fit(x, y, batch_size=job["batch_size"], epochs=10_000, verbose=0, callbacks=[timer])
    parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    about = {"parameters": parameters, "precision": job["precision"], "threads": threads()}
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__}
    return timer.clock.result() | about | {"jit_compile": model.jit_compile, "versions": versions}


def threads() -> int:
    """How many threads TensorFlow computes an operation with; it calls all cores 0."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return tf.config.threading.get_intra_op_parallelism_threads() or cores or 1


if __name__ == "__main__":
    print(json.dumps(listed() if sys.argv[1] == "--list" else measure(json.loads(sys.argv[1]))))
