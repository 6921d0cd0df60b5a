"""TL404: statistics were fitted on images that are held out.

The mean, the deviation, a whitening matrix or a scaler is computed from test images, or from all images before they
are split. Test images are then prepared with what only test images can tell, and training has seen a part of them.

Silent where the images are a training split as its data set has it, and validation images alone are cut from it: its
mean and deviation are usual numbers, and the test images have no part in them.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, looks
from tinylens.lint.source.data import Data, Part, overlap
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Statistic

RULE = Rule(
    "TL404",
    "statistics are fitted on held-out images",
    "error",
    "compute them from the training images, and use the same numbers for all others",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for statistics of test images, and of images of which a part is judged on later."""
    trained = [images.parts for _, _, images, how in looks(program) if how == "train"]
    held_out = [images for _, _, images, how in looks(program) if how != "train" and images.parts not in trained]
    for images in [images for _, _, images, _ in looks(program)]:
        for step in images.steps:
            if isinstance(step.numbers, Statistic) and step.numbers.of:
                why = leak(step.numbers.of, held_out, trained)
                if why:
                    yield at(RULE, step.place, f"the {step.numbers.kind} is of {why}")
    for fitted in program.fitted:
        why = leak(fitted.of, held_out, trained)
        if why:
            yield at(RULE, fitted.place, f"{fitted.what} is fitted on {why}")


def leak(of: frozenset[Part], held_out: list[Data], trained: list[frozenset[Part]]) -> str:
    """Which images that should be held out a statistic is of; nothing where it is of training images.

    Nor where it is of just those that a network was trained on: `dev` may be all but the test, and after folds all of
    them are trained on once more.
    """
    roles = {part.role for part in of}
    if roles == {"test"}:
        return "the test images"
    if "test" in roles:
        return "training and test images together"
    if of in trained:
        return ""
    if roles == {"validation"}:
        return "the validation images"
    whole = Data("images", of)
    cut = [one for one in held_out if any(part.cuts for part in one.parts) and not one.named]
    if all(part.split == "train" for part in of):
        cut = [one for one in cut if one.claimed == "test"]
    return "all images, before validation or test images are cut off" if any(overlap(whole, one) for one in cut) else ""
