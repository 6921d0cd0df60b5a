"""TL505: gradients are kept while the network is judged.

Outside `torch.no_grad()` each look keeps all that a backward pass would need. No figure is wrong because of it, but
it takes several times the memory, and time. It is a note.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, backward_after, held_out
from tinylens.lint.source.data import Data
from tinylens.lint.source.program import Program

RULE = Rule("TL505", "gradients are kept while judging", "note", "with torch.no_grad(): around the loop that judges")


def check(program: Program) -> Iterator[Finding]:
    """Fires for looks at held-out images with gradients on, in a loop that does not learn."""
    for one in program.happened:
        if one.kind != "forward" or not one.grad or not isinstance(one.data, Data) or not one.loops:
            continue
        if one.network is not None and one.network.library == "keras":  # it keeps them on a tape only
            continue
        if backward_after(program, one) is None and held_out(program, one.data):
            yield at(RULE, one.place, "a loop over held-out images runs without torch.no_grad()")
