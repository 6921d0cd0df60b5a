"""TL108: two activations in a row in the recipe's network.

One activation is applied to what another one gives, with nothing between them to learn. What the second one does is
lost: after ReLU, LeakyReLU has nothing negative to leak.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule

RULE = Rule("TL108", "two activations in a row", "warning", "keep one of them")


def check(case: Case) -> Iterator[Finding]:
    """Fires for an activation that takes what another activation gives."""
    for one in case.layers:
        if one.is_activation and one.before is not None and one.before.is_activation:
            yield RULE.found(f"{one.words} is applied to what {one.before.words} gives")
