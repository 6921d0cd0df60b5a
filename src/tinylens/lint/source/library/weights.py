"""What weights do: they are taken as they stand in a network, or copied, and put back into it."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.library.layers import network_of
from tinylens.lint.source.network import Network, inner
from tinylens.lint.source.values import Stream, Unknown, Weights, weights_in


def taken(call: Call) -> Any:
    """model.state_dict(): the weights themselves. `get_weights` of Keras gives copies."""
    network = network_of(call.of)
    return Weights(network) if network is not None else call.unknown


def themselves(call: Call) -> Any:
    """What gives no copy: detach of one of them, values and copy of a dictionary of them."""
    return call.of


def with_names(call: Call) -> Any:
    """state_dict().items()."""
    return Stream((Unknown(), call.of))


def mixed(call: Call) -> Any:
    """state_dict().update(others)."""
    call.of.of = None


def put_back(call: Call) -> Any:
    """set_weights, load_weights, load_state_dict: the network begins anew. With its own weights, it just goes on."""
    begin_anew(network_of(call.of), call.get(0, "state_dict", "weights"))


def assigned(call: Call) -> Any:
    """variable.assign(value), tensor.copy_(value), for one of the weights."""
    begin_anew(call.of.of, call.get(0, "value", "other"))


def begin_anew(network: Network | None, given: Any) -> None:
    """A network gets weights, and so do those that it is made of."""
    if network is None:
        return
    found = weights_in(given)
    if found is not None and found.of is network:
        network.set_in_vain += 1
        return
    for one in (network, *inner(network)):
        one.resets += 1


FUNCTIONS: dict[str, Any] = {}
METHODS = {
    "network.state_dict": taken,
    **{f"weights.{name}": themselves for name in ("detach", "values", "copy")},
    "weights.items": with_names,
    "weights.update": mixed,
    "weights.assign": assigned,
    "weights.copy_": assigned,
    **{f"network.{name}": put_back for name in ("set_weights", "load_weights", "load_state_dict", "apply",
                                                "reset_parameters", "init_weights")},
}  # fmt: skip
