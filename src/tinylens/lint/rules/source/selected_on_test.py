"""TL201: the test set decided something.

When to stop, which weights to keep, when to lower the learning rate, or which value of a sweep is the best was
decided by a figure of the test images. The figure that is quoted is then the best of many looks, and better than what
new images would give, by an amount that nobody knows. It makes no difference whether a callback decides or an `if` in
a loop.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, deciders, is_test
from tinylens.lint.source.data import Data
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL201",
    "selected on the test set",
    "error",
    "cut validation images from the training images, decide by those, and look at the test images once, at the end",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for callbacks that decide by test images, and for conditions on figures of theirs."""
    for fit in program.fits:
        if isinstance(fit.validation, Data) and any(is_test(program, frozenset({one})) for one in fit.validation.parts):
            decided = [what for _, what in deciders(fit)]
            if decided:
                yield at(RULE, fit.place, f"the validation data is the test set, by which is decided {joined(decided)}")
    for choice in program.choices:
        if is_test(program, choice.of):
            yield at(RULE, choice.place, f"a figure of the test images decides {choice.what}")


def joined(decided: list[str]) -> str:
    """What is decided, each once."""
    return " and ".join(dict.fromkeys(decided))
