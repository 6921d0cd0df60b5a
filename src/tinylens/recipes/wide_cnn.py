"""The wide CNN of notebook 0 on CIFAR-100: three convolutions of 512, 256 and 128 channels."""

from collections import OrderedDict
from typing import Any, ClassVar

from torch import nn

from tinylens.networks.dropout import Dropout
from tinylens.networks.keras import keras_initialise
from tinylens.networks.shapes import flat_features
from tinylens.optim.optimizers import SGD, Optimizer
from tinylens.optim.schedules import InverseTime, Schedule
from tinylens.recipe import Published, Recipe


class WideCNN(Recipe):
    """Conv 512, 256, 128, all 3x3 valid, each with ReLU, max-pool 2 and dropout 0.3; Dense 2048, 1024, k.

    Source: a Keras notebook on CIFAR-100 with its whole history printed. x / 255, SGD 0.05 with decay 1e-4 a step,
    batch 32, 20 epochs; test accuracy 0.4203 after the last.

    Expect: `tinylens train wide-cnn` gives 40.7 % on CIFAR-100's test set (95 % interval 39.8 to 41.7 %, one run) in
    20 epochs of 2.3 minutes on two cores of an AMD EPYC. It is below the source because a tenth of the images is kept
    for validation: with `--set as_published=true`, which trains on all 50,000, it gives 41.9 % (40.9 to 42.9 %, one
    run).

    Faults of the source, kept with `--set as_published=true`, and what is done without it:
    - The test set is watched as validation data at each epoch.   A validation split is cut off (select_on).
    - The weights of the last epoch are kept.   The best epoch's are kept (keep).
    - Its text says that images have 28x28 pixels, its class names are CIFAR-10's, and its heat map has none.
      Sizes and names come with the data.
    """

    source: ClassVar[str] = "Keras notebook on CIFAR-100"
    data: ClassVar[str] = "cifar100"
    published: ClassVar[Published] = Published(0.4203, "cifar100", "history, epoch 20")
    faults: ClassVar[dict[str, Any]] = {"select_on": "test", "keep": "last"}

    epochs: int = 20
    batch_size: int = 32
    optimizer: Optimizer = SGD(lr=0.05)
    schedule: Schedule = InverseTime(decay=1e-4)
    dropout: float = 0.3

    def build(self, image_size: tuple[int, int], num_classes: int) -> nn.Module:
        """Three convolutions and three dense layers."""
        layers = OrderedDict[str, nn.Module]()
        channels = 3
        for i, width in enumerate((512, 256, 128), 1):
            layers[f"conv{i}"] = nn.Conv2d(channels, width, 3)
            layers[f"pool{i}"] = nn.MaxPool2d(2)  # before ReLU: the same numbers for a quarter of its work
            layers[f"relu{i}"] = nn.ReLU()
            layers[f"dropout{i}"] = Dropout(self.dropout)
            channels = width
        layers["flatten"] = nn.Flatten()
        layers["dense1"] = nn.Linear(flat_features(nn.Sequential(layers), image_size), 2048)
        layers["relu4"] = nn.ReLU()
        layers["dense2"] = nn.Linear(2048, 1024)
        layers["relu5"] = nn.ReLU()
        layers["dense3"] = nn.Linear(1024, num_classes)
        return keras_initialise(nn.Sequential(layers))
