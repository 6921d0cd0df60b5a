"""TL208: the network is trained on test images.

The images that it is judged on are among those that it learns from: the test array is given to `fit`, training and
test images are put together, or a backward pass follows a loss on test batches.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, learns
from tinylens.lint.source.data import Data, Part
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Unknown

RULE = Rule("TL208", "trained on test images", "error", "train on the training images alone")


def check(program: Program) -> Iterator[Finding]:
    """Fires for test images in a training, by call or by hand."""
    for fit in program.fits:
        if isinstance(fit.images, Data) and "test" in fit.images.roles and not fit.images.named:
            yield at(RULE, fit.place, "the training data holds images of the test set")
    for one in program.happened:
        of = one.data.of if one.kind == "backward" and isinstance(one.data, Unknown) and not one.maybe else frozenset()
        if is_of_test(of) and learns(program, one):
            yield at(RULE, one.place, "the loss that is learned from is of test images")


def is_of_test(of: frozenset[Part]) -> bool:
    """Whether all images are of a test split, and it is known which."""
    return {part.role for part in of} == {"test"} and all(part.source != "somewhere" for part in of)
