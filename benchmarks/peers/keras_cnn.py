"""The CNN of the tutorial that Keras on TensorFlow has for CIFAR-10, trained for a time and judged, as a line of JSON.

python benchmarks/peers/keras_cnn.py JOB        JOB: as five_minutes.py makes it

Source: TensorFlow, Tutorials, Images, Convolutional Neural Network (CNN): images divided by 255, Adam, batches of 32, a
rate that stays. The tutorial stops after 10 epochs and looks at the test images after each; here it goes on until the
time is over, and they are looked at once.
"""

import json
import sys
import time
from typing import Any

import keras
import numpy as np
from keras_network import versions

from clock import Budget

L = keras.layers
BATCH = 32  # as `fit` has it


class Stop(keras.callbacks.Callback):
    """Count the images, and end training when its time is over."""

    def __init__(self, budget: Budget, images: int) -> None:
        super().__init__()
        self.budget = budget
        self.total = images

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self.budget.over:
            self.model.stop_training = True
        self.budget.images += min(BATCH, self.total - batch * BATCH)


def network() -> Any:
    """Three convolutions and two dense layers."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            L.Conv2D(32, (3, 3), activation="relu"),
            L.MaxPooling2D((2, 2)),
            L.Conv2D(64, (3, 3), activation="relu"),
            L.MaxPooling2D((2, 2)),
            L.Conv2D(64, (3, 3), activation="relu"),
            L.Flatten(),
            L.Dense(64, activation="relu"),
            L.Dense(10),
        ]
    )


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Train and judge. job: images, an .npz file; seconds; seed."""
    keras.utils.set_random_seed(job["seed"])
    with np.load(job["images"]) as arrays:
        x, y, x_test, y_test = (arrays[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    x, x_test = x / np.float32(255), x_test / np.float32(255)
    budget = Budget(job["seconds"])
    model = network()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    model.fit(x, y, batch_size=BATCH, epochs=10_000, verbose=0, callbacks=[Stop(budget, len(x))])
    seconds = budget.spent
    began = time.perf_counter()
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    judging = time.perf_counter() - began
    found = {"accuracy": float(accuracy), "tested": len(x_test), "images": budget.images, "seconds": seconds}
    return found | {"judging_seconds": judging, "precision": "float32", "versions": versions()}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
