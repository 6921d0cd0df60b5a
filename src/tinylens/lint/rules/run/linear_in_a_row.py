"""TL109: linear layers in a row in the recipe's network.

Two convolutions or dense layers follow each other with no activation between them. Together they can do no more than
one of them.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule
from tinylens.lint.sequence import PASSING, Passed

RULE = Rule("TL109", "linear layers in a row", "warning", "put an activation between them, or leave one out")
MOST = 4  # pairs that are named


def check(case: Case) -> Iterator[Finding]:
    """Fires once, for all linear layers that take what a linear layer gives, over dropout or a change of shape only."""
    pairs = [f"{earlier.words} and {one.words}" for one in case.layers if (earlier := linear_before(one)) is not None]
    if pairs:
        more = f", and {len(pairs) - MOST} more" if len(pairs) > MOST else ""
        yield RULE.found(f"no activation stands between {'; '.join(pairs[:MOST])}{more}")


def linear_before(one: Passed) -> Passed | None:
    """The linear layer that a linear layer follows."""
    earlier = next((before for before in one.earlier() if not isinstance(before.layer, PASSING)), None)
    return earlier if one.is_linear and earlier is not None and earlier.is_linear else None
