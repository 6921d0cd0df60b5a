"""TL503: gradients are never cleared.

`backward` adds to the gradients that are there. Without `zero_grad` each step follows the sum of all gradients since
the start, and training soon runs away. Clearing them only every few steps, with the step itself, is accumulation and
is not told of.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Happening, Program

RULE = Rule("TL503", "gradients are never cleared", "error", "optimizer.zero_grad() before backward, in every turn")


def check(program: Program) -> Iterator[Finding]:
    """Fires for a backward pass after a step with nothing between that clears."""
    stepped: Happening | None = None
    for one in program.happened:
        if one.kind == "zero_grad":
            stepped = None
        elif one.kind == "step":
            stepped = one
        elif one.kind == "backward" and stepped is not None and same_loop(stepped, one):
            yield at(RULE, one.place, f"the gradients of the step before ({stepped.place}) are still there")
            stepped = None


def same_loop(one: Happening, other: Happening) -> bool:
    """Whether both are in turns of the same loop."""
    places = [tuple(place for place, _ in happening.loops) for happening in (one, other)]
    return bool(places[0]) and places[0] == places[1]
