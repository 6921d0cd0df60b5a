"""TL507: training goes on in evaluation mode.

In PyTorch: `model.eval()` is called after each epoch, and `model.train()` only once, before the loop, so that this
holds from the second epoch on. In Keras: a training step of one's own calls `model(x, training=False)`. Dropout is off
then, and batch normalisation does not learn its statistics.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, matters, trains
from tinylens.lint.source.cells import Place
from tinylens.lint.source.library.layers import network_of
from tinylens.lint.source.program import Happening, Program

RULE = Rule("TL507", "trained in evaluation mode", "error", "model.train() at the start of every epoch")


def check(program: Program) -> Iterator[Finding]:
    """Fires where the same line trains in training mode first, and in evaluation mode the next time round, and where
    Keras is told so."""
    modes: dict[Place, list[str]] = {}
    for one in program.happened:
        if one.kind == "forward" and one.network is not None and one.network.frozen == 0 and trains(program, one):
            modes.setdefault(one.place, []).append(one.mode)
            told = one.network.library == "keras" and one.mode == "eval" and alone(program, one)
            if told and matters(one.network):
                yield at(RULE, one.place, f"training=False: {matters(one.network)} is not in training mode")
    for place, seen in modes.items():
        if seen[0] == "train" and "eval" in seen:
            yield at(RULE, place, "model.eval() is called between epochs, and model.train() not again")


def alone(program: Program, look: Happening) -> bool:
    """Whether a network surely learns from a look: no other is looked through for the same step, nor is it a part."""
    parts = [
        network_of(value) for fit in program.fits if fit.network.thing for value in fit.network.thing.fields.values()
    ]
    if look.network in parts:
        return False
    place = program.happened.index(look)
    start = next((i for i in range(place, 0, -1) if program.happened[i - 1].kind == "backward"), 0)
    return all(one.network is look.network for one in program.happened[start:place] if one.kind == "forward")
