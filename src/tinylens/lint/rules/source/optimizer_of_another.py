"""TL508: the optimizer has not the weights that are trained.

The optimizer was made before the network that is trained, or before a layer of it was put in place of another one, as
the last layer is for other classes: it still moves the weights of the old one, and the new ones stay as they began.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.cells import Place
from tinylens.lint.source.network import Network
from tinylens.lint.source.program import Happening, Program
from tinylens.lint.source.values import Made

RULE = Rule(
    "TL508",
    "the optimizer has not the weights that are trained",
    "error",
    "make the optimizer after the network it is to train, and after all its layers",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for a step whose optimizer has weights of another network than the loss before it, or of older layers."""
    last: Happening | None = None
    yield from without_new_layers(program)
    for one in program.happened:
        if one.kind == "backward":
            last = one
        elif one.kind == "step" and last is not None and isinstance(one.network, Network):
            trained = last.network
            if isinstance(trained, Network) and trained is not one.network and apart(one.network, trained):
                yield at(RULE, one.place, f"it was made for the network of {one.network.place}; the loss is of that of "
                         f"{trained.place}")  # fmt: skip
            last = None


def without_new_layers(program: Program) -> Iterator[Finding]:
    """Steps of optimizers that were made before a layer was put into the network."""
    for one in program.happened:
        lacks = one.what.fields.get("lacks") if one.kind == "step" and isinstance(one.what, Made) else None
        if isinstance(lacks, Place):
            yield at(RULE, one.place, f"it was made in {one.what.place}, and has not the weights of the layer that "
                     f"{lacks} put into the network")  # fmt: skip


def apart(one: Network, other: Network) -> bool:
    """Whether neither network is a part of the other, or made of it."""
    kinds = [getattr(network.thing, "cls", None) for network in (one, other)]
    return kinds[0] is kinds[1] and kinds[0] is not None
