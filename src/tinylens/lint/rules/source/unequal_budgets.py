"""TL212: networks that are compared were not trained alike.

Several networks are trained on the same images and judged on the same test images, for other numbers of epochs, with
nothing that stops each where it is best. What looks like the better network may be the one that was trained for
longer.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.data import Data
from tinylens.lint.source.network import Fit
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Made, number

RULE = Rule(
    "TL212",
    "networks that are compared were not trained alike",
    "warning",
    "the same number of epochs for all, or early stopping on validation images for all",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires where networks with one training each, and no early stopping, are evaluated on the same images."""
    judged = {id(look.network): look.images.parts for look in program.judged
              if look.how == "evaluate" and isinstance(look.images, Data)}  # fmt: skip
    first: dict[object, Fit] = {}
    for fit in program.fits:
        if id(fit.network) not in judged or len(fit.network.fits) != 1 or not comparable(fit):
            continue
        key = (judged[id(fit.network)], fit.images.parts)
        before = first.setdefault(key, fit)
        if fit.epochs != before.epochs:
            yield at(RULE, fit.place, f"{number(fit.epochs):g} epochs; the network of {before.place} got "
                     f"{number(before.epochs):g}")  # fmt: skip


def comparable(fit: Fit) -> bool:
    """Whether the length of a training is known, and fixed."""
    stops = fit.callbacks is None or any(
        not isinstance(one, Made) or one.kind == "EarlyStopping" for one in fit.callbacks
    )
    return isinstance(fit.images, Data) and fit.known and number(fit.epochs) is not None and not stops and not fit.steps
