"""TL202: the test set is used as validation data.

Nothing is decided by it in this file, but its figures are looked at after every epoch, and what is changed because of
them (layers, rates, the number of epochs) is chosen on the test set by hand. There are no other images left to find
out how well the result of these choices does.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, deciders, is_test
from tinylens.lint.source.data import Data
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL202",
    "the test set is the validation data",
    "warning",
    "validate on a part of the training images (validation_split, train_test_split), and evaluate on the test set once",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for test images as validation data of a training by which nothing is decided."""
    for fit in program.fits:
        if isinstance(fit.validation, Data) and is_test(program, fit.validation.parts) and not deciders(fit):
            yield at(RULE, fit.place, "the figures after each epoch are of the test images")
