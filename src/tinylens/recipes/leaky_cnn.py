"""The LeakyReLU CNN of notebook 4 on CIFAR-10: four small convolutions, Adamax."""

from collections import OrderedDict
from typing import Any, ClassVar

from torch import nn

from tinylens.networks.dropout import Dropout
from tinylens.networks.keras import keras_initialise
from tinylens.networks.shapes import flat_features
from tinylens.optim.optimizers import Adamax, Optimizer
from tinylens.optim.schedules import Exponential, Schedule
from tinylens.pixels.preprocess import Preprocess, Scale
from tinylens.recipe import Recipe

SLOPE = 0.1


class LeakyCNN(Recipe):
    """Conv 16, 32, pool, dropout 0.25, conv 32, 64, pool, dropout 0.25, all 3x3 same; Dense 256, dropout 0.5, Dense k.

    LeakyReLU 0.1 follows each layer but the last.

    Source: C. Pan, CIFAR10 Classification, a project page. x / 255 - 0.5, Adamax 5e-3 · 0.9^epoch, batch 32, 10 epochs,
    weights kept after each under its name. It states no accuracy.

    Expect: `tinylens train leaky-cnn` gives 78.8 ± 0.2 % on CIFAR-10's test set (3 seeds) in 2.7 to 2.8 minutes on two
    cores of an AMD EPYC.

    Faults of the source, kept with `--set as_published=true`, and what is done without it:
    - A ReLU stands before the first LeakyReLU, which then does nothing.   It is left out (relu_before_leaky).
    - A LeakyReLU stands on the logits, before softmax.   It is left out (leaky_logits).
    - The test set is the validation data.   A validation split is cut off (select_on).
    - The last weights are kept.   The best epoch's are kept (keep).
    """

    source: ClassVar[str] = "C. Pan, CIFAR10 Classification, project page"
    data: ClassVar[str] = "cifar10"
    faults: ClassVar[dict[str, Any]] = {
        "relu_before_leaky": True,
        "leaky_logits": True,
        "select_on": "test",
        "keep": "last",
    }

    preprocess: tuple[Preprocess, ...] = (Scale(minimum=-0.5, maximum=0.5),)
    epochs: int = 10
    batch_size: int = 32
    optimizer: Optimizer = Adamax(lr=5e-3)
    schedule: Schedule = Exponential(gamma=0.9)
    keep_every: int | None = 1
    relu_before_leaky: bool = False
    leaky_logits: bool = False

    def build(self, image_size: tuple[int, int], num_classes: int) -> nn.Module:
        """Four convolutions and two dense layers."""
        layers = OrderedDict[str, nn.Module]()
        channels = 3
        for i, width in enumerate((16, 32, 32, 64), 1):
            layers[f"conv{i}"] = nn.Conv2d(channels, width, 3, padding="same")
            if i == 1 and self.relu_before_leaky:
                layers["relu1"] = nn.ReLU()
            if i % 2 == 0:
                layers[f"pool{i // 2}"] = nn.MaxPool2d(2)  # before LeakyReLU: the same numbers for less work
            layers[f"leaky{i}"] = nn.LeakyReLU(SLOPE)
            if i % 2 == 0:
                layers[f"dropout{i // 2}"] = Dropout(0.25)
            channels = width
        layers["flatten"] = nn.Flatten()
        layers["dense1"] = nn.Linear(flat_features(nn.Sequential(layers), image_size), 256)
        layers["leaky5"] = nn.LeakyReLU(SLOPE)
        layers["dropout3"] = Dropout(0.5)
        layers["dense2"] = nn.Linear(256, num_classes)
        if self.leaky_logits:
            layers["leaky6"] = nn.LeakyReLU(SLOPE)
        return keras_initialise(nn.Sequential(layers))
