"""TL409: training images come class by class.

A folder of classes is read in the order of its folders. Without shuffling, whole batches are of one class, and each
pulls the network to that class alone. (Data sets that are mixed already, as CIFAR-10, lose less by it and are not
told of.)
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, looks
from tinylens.lint.source.program import Program

RULE = Rule("TL409", "training images come class by class", "error", "shuffle=True for the training images")


def check(program: Program) -> Iterator[Finding]:
    """Fires for a training on a folder of classes that is not shuffled."""
    for place, _, images, how in looks(program):
        if (
            how == "train"
            and images.source in ("ImageFolder", "flow")
            and images.shuffled is False
            and not images.order
        ):
            folders = all(part.source.startswith("folder") for part in images.parts)
            knives = [cut.knife for part in images.parts for cut in part.cuts]
            if folders and all(knife.startswith(("slice", "subset")) for knife in knives):  # others choose at random
                yield at(RULE, place, "the training folder is read in the order of its classes, without shuffling")
