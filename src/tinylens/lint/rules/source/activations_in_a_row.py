"""TL304: two activations in a row.

One activation is applied to what another one gives, with nothing between them to learn. Often one of them is an
argument of a layer (`activation="relu"`) and the other a layer of its own. What the second one does is lost: after
ReLU, LeakyReLU has nothing negative to leak.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import SHAPES, all_nodes, at, before, words
from tinylens.lint.source.program import Program

RULE = Rule("TL304", "two activations in a row", "warning", "keep one of them")


def check(program: Program) -> Iterator[Finding]:
    """Fires for activations of hidden layers that follow each other with only a change of shape between."""
    for node in all_nodes(program):
        earlier = before(node, "reshape")
        if node.layer is None or earlier is None or earlier.layer is None or node.layer.maybe or earlier.layer.maybe:
            continue
        one, other = earlier.layer.activation, node.layer.activation
        if {one, other} & {"softplus", "exponential"}:  # parts of others, as Mish is tanh of softplus
            continue
        if one in SHAPES and other in (*SHAPES, "sigmoid"):
            yield at(RULE, node.layer.place, f"{words(other)} is applied to {words(one)} ({earlier.layer.place})")
