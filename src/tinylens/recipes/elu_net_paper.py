"""The 18-layer ELU network of Clevert, Unterthiner and Hochreiter on CIFAR-100, with its schedule in iterations."""

from typing import ClassVar

from torch import nn

from tinylens.networks.elu_stacks import elu_stacks
from tinylens.networks.keras import keras_initialise
from tinylens.optim.optimizers import SGD, Optimizer
from tinylens.optim.schedules import DropoutChange, Milestones, Schedule
from tinylens.pixels.augment import Augment, Flip, PadAndCrop
from tinylens.pixels.preprocess import ZCA, GlobalContrast, Preprocess
from tinylens.recipe import Published, Recipe

STACKS = (
    ((384, 3),),
    ((384, 1), (384, 2), (640, 2), (640, 2)),
    ((640, 1), (768, 2), (768, 2), (768, 2)),
    ((768, 1), (896, 2), (896, 2)),
    ((896, 3), (1024, 2), (1024, 2)),
    ((1024, 1), (1152, 2)),
    ((1152, 1),),
)  # units and kernel size of each convolution; the 18th gives the classes
RATES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.0)  # of dropout in each stack


class EluNetPaper(Recipe):
    """Seven stacks of 384 to 1152 channels, ELU after every layer, max-pool after every stack.

    Source: Clevert, Unterthiner and Hochreiter 2015, Fast and Accurate Deep Network Learning by Exponential Linear
    Units (arXiv 1511.07289), the 18-layer network: 24.28 % test error on CIFAR-100, with single views. Global contrast
    normalisation and ZCA, padding 4, random crops and flips; SGD 0.01 with momentum 0.9 and weight decay 0.0005, batch
    100; a tenth of the rate after 35,000 iterations; dropout after the last layer of each stack, later after all
    layers, at last half as much again.

    Expect: `tinylens train elu-net-paper` takes days on two cores of an AMD EPYC, about 1.5 s for each of its 165,000
    iterations: it is for a GPU, and `tinylens resume` goes on after each stop. Nobody has trained it to its end here.

    The paper has dropout raised for 50,000 iterations and raised again for the last 40,000; it leaves open how many
    there are before (75,000 here, for the 165,000 of its other networks) and how weights begin (here as Glorot and
    Bengio).
    """

    source: ClassVar[str] = "Clevert, Unterthiner and Hochreiter 2015, arXiv 1511.07289"
    data: ClassVar[str] = "cifar100"
    published: ClassVar[Published] = Published(0.7572, "cifar100", "24.28 % test error, section 4.3")

    preprocess: tuple[Preprocess, ...] = (GlobalContrast(), ZCA())
    augment: tuple[Augment, ...] = (PadAndCrop(pixels=4, fill="zero"), Flip())
    epochs: int = 367
    iterations: int | None = 165_000
    batch_size: int = 100
    optimizer: Optimizer = SGD(lr=0.01, momentum=0.9, weight_decay=0.0005)
    schedule: Schedule = Milestones(at=(35_000,), unit="iteration")
    dropout_schedule: tuple[DropoutChange, ...] = (
        DropoutChange(at=75_000, rates=RATES),
        DropoutChange(at=125_000, factor=1.5),
    )

    def build(self, image_size: tuple[int, int], num_classes: int) -> nn.Module:
        """18 layers with weights."""
        return keras_initialise(elu_stacks(STACKS, image_size, num_classes, dropout=RATES))
