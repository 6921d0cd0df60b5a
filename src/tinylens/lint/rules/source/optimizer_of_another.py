"""TL508: the optimizer has the weights of another network.

The optimizer was made before the network that is trained: the name was given to a new network later, and the
optimizer still moves the weights of the old one.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.network import Network
from tinylens.lint.source.program import Happening, Program

RULE = Rule(
    "TL508",
    "the optimizer has the weights of another network",
    "error",
    "make the optimizer after the network it is to train",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for a step whose optimizer has another network's weights than the loss before it is of."""
    last: Happening | None = None
    for one in program.happened:
        if one.kind == "backward":
            last = one
        elif one.kind == "step" and last is not None and isinstance(one.network, Network):
            trained = last.network
            if isinstance(trained, Network) and trained is not one.network and apart(one.network, trained):
                yield at(RULE, one.place, f"it was made for the network of {one.network.place}; the loss is of that of "
                         f"{trained.place}")  # fmt: skip
            last = None


def apart(one: Network, other: Network) -> bool:
    """Whether neither network is a part of the other, or made of it."""
    kinds = [getattr(network.thing, "cls", None) for network in (one, other)]
    return kinds[0] is kinds[1] and kinds[0] is not None
