"""TL302: softmax is applied twice.

The loss applies softmax (or sigmoid) itself, and the network ends with one already; or two softmaxes follow each
other. The second one squeezes probabilities into a narrow band, so that even a sure answer costs: learning is slow,
and ends early.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import all_nodes, at, before, end_of, objectives
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL302",
    "softmax is applied twice",
    "error",
    "leave the activation of the last layer out where the loss takes logits, or let the loss take probabilities",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for a loss of logits after softmax or sigmoid, and for two of them in a row."""
    for objective in objectives(program):
        end = end_of(objective.output)
        if objective.wants == "logits" and end is not None and end[0] in ("softmax", "sigmoid"):
            own = "sigmoid" if objective.kind == "binary" else "softmax"
            yield at(RULE, objective.place, f"{objective.loss} applies {own} itself, and gets what {end[0]} "
                     f"({end[1].place}) gives")  # fmt: skip
    for node in [*all_nodes(program), *program.applied]:
        earlier = before(node, "reshape")
        if node.layer is None or earlier is None or earlier.layer is None or node.layer.maybe:
            continue
        both = {node.layer.activation, earlier.layer.activation}
        if (
            both <= {"softmax", "log_softmax", "sigmoid"}
            and "softmax" in both
            and node.layer.made is not earlier.layer.made
        ):
            yield at(RULE, node.layer.place, f"{node.layer.activation} of {earlier.layer.activation} "
                     f"({earlier.layer.place})")  # fmt: skip
