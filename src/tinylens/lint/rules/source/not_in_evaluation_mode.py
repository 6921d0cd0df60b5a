"""TL504: the network is judged in training mode.

Without `model.eval()` dropout goes on dropping, and batch normalisation uses, and learns from, the images that it is
judged by. Figures are worse than the network is, and change with the batch size. Silent where the network has
neither.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, held_out, matters, trains
from tinylens.lint.source.data import Data
from tinylens.lint.source.program import Happening, Program

RULE = Rule(
    "TL504", "judged in training mode", "error", "model.eval() before judging, model.train() before training on"
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for looks at held-out images while the network is in training mode, with layers for which that matters."""
    for one in program.happened:
        if one.kind != "forward" or one.mode != "train" or one.network is None or not isinstance(one.data, Data):
            continue
        layers = matters(one.network)
        if layers and not trains(program, one) and was_trained(program, one) and held_out(program, one.data):
            yield at(RULE, one.place, f"{layers} is in training mode while images that are held out are judged")


def was_trained(program: Program, look: Happening) -> bool:
    """Whether a network was trained before a look: else it is only tried out."""
    earlier = program.happened[: program.happened.index(look)]
    return any(one.kind == "backward" and one.network in (look.network, None) for one in earlier)
