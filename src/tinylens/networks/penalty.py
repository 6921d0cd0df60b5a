"""L2 penalties on the kernels of single layers, as Keras' kernel_regularizer has them."""

import difflib
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn


def l2_groups(network: nn.Module, rates: Mapping[str, float]) -> list[dict[str, Any]]:
    """The parameters of a network in groups for an optimizer, so that rate · sum(w²) of these kernels is in the loss.

    rates: by the layer's name in the network; its bias, and every other layer, has no penalty. It acts through the
    gradient, 2 · rate · w, which SGD, Adam and Adamax add where a group has a weight_decay; AdamW takes it apart from
    the gradient. The loss that is shown is that of the predictions alone.
    Raises ValueError where no layer has such a name, or it has no kernel.
    Source: keras.regularizers.L2.
    """
    layers = dict(network.named_modules())
    kernels = {name: kernel(layers, name) for name in rates}
    penalised = [{"params": [kernels[name]], "weight_decay": 2 * rate} for name, rate in rates.items()]
    taken = {id(weight) for weight in kernels.values()}
    return [{"params": [p for p in network.parameters() if id(p) not in taken]}, *penalised]


def kernel(layers: Mapping[str, nn.Module], name: str) -> Tensor:
    """The kernel of the layer of that name. Raises ValueError where there is none."""
    if name not in layers:
        near = difflib.get_close_matches(name, layers, n=1)
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(filter(None, layers))}"
        raise ValueError(f"no layer is called {name!r}; {meant}")
    weight = getattr(layers[name], "weight", None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"the layer {name!r} has no kernel")
    return weight
