"""One measurement of a recipe's model in Keras, printed as one line of JSON. It runs in a peer's environment.

python benchmarks/peers/keras_training.py JOB        JOB: as throughput.py makes it; KERAS_BACKEND says on what

It is the training that a Keras user has: float32 images in memory, divided by 255, and `model.fit` as it comes.
"""

import json
import sys
from typing import Any

import keras
import numpy as np
from keras_network import about, network

from clock import Clock

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


def optimizer(fields: dict[str, Any]) -> Any:
    """Keras' optimizer with a recipe's numbers. Weight decay stands in the layers there, as a penalty.

    In place of Muon it is SGD with Nesterov's momentum, which has less to do.
    """
    if fields["kind"] == "muon":
        return keras.optimizers.SGD(0.01, momentum=fields["momentum"], nesterov=True)
    given = {NAMES.get(name, name): value for name, value in fields.items() if name not in ("kind", "weight_decay")}
    return OPTIMIZERS[fields["kind"]](**given)


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Train a model until its clock is over.

    job: recipe and settings; images, an .npz file with x_train and y_train; batch_size; optimizer, a recipe's fields;
    precision, the name of a policy of Keras; seconds to measure.
    """
    with np.load(job["images"]) as arrays:
        x, y = arrays["x_train"].astype(np.float32) / 255, arrays["y_train"]
    model = network(job, x.shape[1:])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer(job["optimizer"]), loss, metrics=["accuracy"])
    timer = TimeSteps(Clock(job["seconds"]), job["batch_size"])
    model.fit(x, y, batch_size=job["batch_size"], epochs=10_000, verbose=0, callbacks=[timer])
    return timer.clock.result() | about(model) | {"jit_compile": bool(model.jit_compile)}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
