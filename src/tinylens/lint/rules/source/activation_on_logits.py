"""TL303: an activation on the logits.

Between the last linear layer and softmax stands an activation that is meant for hidden layers. ReLU there makes all
negative scores alike, so that a class cannot be ruled out, and a class whose score is negative gets no gradient; tanh
keeps scores between -1 and 1, and with them the probabilities far from 0 and 1.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import SHAPES, Objective, at, before, end_of, objectives, words
from tinylens.lint.source.network import Network, Node, last_that_counts
from tinylens.lint.source.program import Program

RULE = Rule("TL303", "an activation on the logits", "error", "leave the activation of the last linear layer out")


def check(program: Program) -> Iterator[Finding]:
    """Fires for hidden layers' activations right before the softmax at the end, or before the loss."""
    for network in program.networks:
        node = before_softmax(network)
        if node is not None and node.layer is not None:
            yield at(
                RULE, node.layer.place, f"{words(node.layer.activation)} stands between the last layer and softmax"
            )
    for objective in objectives(program):
        end = end_of(objective.output)
        if end is not None and end[0] in SHAPES and crosses(objective):
            yield at(RULE, end[1].place, f"{words(end[0])} is applied to what {objective.loss} takes")


def before_softmax(network: Network) -> Node | None:
    """The activation that softmax is applied to at the end of a network."""
    last = network.final
    if last is None or last.layer is None or last.layer.activation not in ("softmax", "log_softmax"):
        return None
    earlier = before(last, "reshape", "dropout")
    return earlier if earlier is not None and is_on_linear(earlier) else None


def is_on_linear(node: Node) -> bool:
    """Whether a node is an activation of hidden layers, on a linear layer."""
    if node.layer is None or node.layer.activation not in SHAPES or node.layer.maybe:
        return False
    under = before(node, "reshape", "norm", "activation")
    return under is not None and under.layer is not None and under.layer.role == "linear"


def crosses(objective: Objective) -> bool:
    """Whether a loss is a cross-entropy, and the activation is on a linear layer."""
    last = last_that_counts(objective.output) if objective.output is not None else None
    return objective.kind in ("categorical", "sparse", "binary", "either") and last is not None and is_on_linear(last)
