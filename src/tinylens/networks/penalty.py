"""L2 penalties on the kernels of single layers, as Keras' kernel_regularizer has them."""

from collections.abc import Mapping
from typing import Any

from torch import nn


def l2_groups(network: nn.Module, rates: Mapping[str, float]) -> list[dict[str, Any]]:
    """The parameters of a network in groups for an optimizer, so that rate · sum(w²) of these kernels is in the loss.

    rates: by the layer's name in the network; its bias, and every other layer, has no penalty. It acts through the
    gradient, 2 · rate · w, which SGD, Adam and Adamax add where a group has a weight_decay; AdamW takes it apart from
    the gradient. The loss that is shown is that of the predictions alone.
    Source: keras.regularizers.L2.
    """
    layers = dict(network.named_modules())
    penalised = [{"params": [layers[name].weight], "weight_decay": 2 * rate} for name, rate in rates.items()]
    taken = {id(layers[name].weight) for name in rates}
    return [{"params": [p for p in network.parameters() if id(p) not in taken]}, *penalised]
