"""TL107: an activation on the logits of the recipe's network.

The network ends with an activation of hidden layers after its last linear layer. ReLU there makes all negative scores
alike; tanh keeps the probabilities far from 0 and 1.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule

RULE = Rule("TL107", "an activation on the logits", "error", "leave the activation after the last linear layer out")


def check(case: Case) -> Iterator[Finding]:
    """Fires where the last layer that an image passes is an activation, and takes what a linear layer gives."""
    last = case.layers[-1] if case.layers else None
    if last is not None and last.is_activation and last.before is not None and last.before.is_linear:
        yield RULE.found(f"{last.words} is applied to what {last.before.words} gives, and the network ends with it")
