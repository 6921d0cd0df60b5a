"""TL310: dropout on the scores of the classes.

After the last linear layer, dropout sets scores of classes to 0 at random: in training the true class is dropped as
often as any other, and nothing can be learned of it at that step.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, objectives
from tinylens.lint.source.network import Node
from tinylens.lint.source.program import Program

RULE = Rule("TL310", "dropout on the scores of the classes", "error", "put dropout before the last linear layer")


def check(program: Program) -> Iterator[Finding]:
    """Fires for dropout after the last linear layer of a network that is trained or ends with softmax."""
    ends = [objective.output for objective in objectives(program)]
    ends += [network.output for network in program.networks if ends_with_softmax(network.final)]
    for end in ends:
        node = dropout_after_last(end)
        if node is not None and node.layer is not None:
            yield at(RULE, node.layer.place, f"{node.layer.kind} follows the last linear layer")


def ends_with_softmax(node: Node | None) -> bool:
    """Whether a network ends with probabilities."""
    return node is not None and node.layer is not None and node.layer.activation in ("softmax", "log_softmax")


def dropout_after_last(end: Node | None) -> Node | None:
    """Dropout between the last linear layer and the end, with no activation of hidden layers there."""
    found = None
    for node in end.alone() if end is not None else ():
        layer = node.layer
        if layer is None or layer.maybe:
            return None
        if layer.role == "linear":
            return found if layer.kind in ("Dense", "Linear", "LazyLinear") else None
        if layer.role == "dropout":
            found = node
        elif layer.role != "reshape" and layer.activation not in ("softmax", "log_softmax"):
            return None
    return None
