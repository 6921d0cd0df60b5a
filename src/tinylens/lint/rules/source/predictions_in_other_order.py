"""TL410: predictions are compared with labels in another order.

`flow_from_directory` shuffles unless it is told not to. `predict` gives answers in the shuffled order,
`generator.classes` the labels in the order of the folder: compared with each other, they give an accuracy by chance
and a meaningless confusion matrix.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL410",
    "predictions are compared with labels in another order",
    "error",
    "flow_from_directory(..., shuffle=False) for images whose predictions are compared with .classes",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for a figure of .classes and of predictions of a generator that shuffles."""
    for place, name in program.orders:
        yield at(RULE, place, f"{name} gets .classes in the order of the folder, and predictions in a shuffled one")
