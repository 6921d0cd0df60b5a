"""Stacks of convolutions with exponential linear units, as Clevert, Unterthiner and Hochreiter built them."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn

from tinylens.networks.dropout import Dropout
from tinylens.networks.keras import SameConv2d
from tinylens.networks.shapes import flat_features

Stacks = Sequence[Sequence[tuple[int, int]]]


def elu_stacks(
    stacks: Stacks,
    image_size: tuple[int, int],
    num_classes: int,
    *,
    dropout: Sequence[float],
    padding: int = 0,
    every_layer: bool = True,
) -> nn.Sequential:
    """A network of stacks, each ended by ELU, a "same" max-pool of 2 and dropout, and a linear layer at its end.

    stacks: in each the units and the kernel size of its convolutions, which keep the image's size. image_size: height
    and width. dropout: a rate for each stack. padding: zero pixels around the image, as a first layer of its own.
    every_layer: ELU, and a dropout of rate 0 for a schedule to raise, also after the convolutions within a stack.
    Raises ValueError where there is not a rate for each stack.
    """
    if len(dropout) != len(stacks):
        raise ValueError(f"dropout has {len(dropout)} rates, but there are {len(stacks)} stacks")
    layers = OrderedDict[str, nn.Module]()
    if padding:
        layers["pad"] = nn.ZeroPad2d(padding)
    channels, number = 3, 0
    for stage, (stack, rate) in enumerate(zip(stacks, dropout, strict=True)):
        for place, (units, kernel) in enumerate(stack, 1):
            number += 1
            layers[f"conv{number}"] = SameConv2d(channels, units, kernel)
            if every_layer and place < len(stack):
                layers[f"elu{number}"] = nn.ELU()
                layers[f"dropout{number}"] = Dropout(0.0, stage=stage)
            channels = units
        layers[f"pool{stage + 1}"] = nn.MaxPool2d(2, ceil_mode=True)  # before ELU: the same numbers for less work
        layers[f"elu{number}"] = nn.ELU()
        layers[f"dropout{number}"] = Dropout(rate, stage=stage)
    layers["flatten"] = nn.Flatten()
    layers["dense"] = nn.Linear(flat_features(nn.Sequential(layers), image_size), num_classes)
    return nn.Sequential(layers)
