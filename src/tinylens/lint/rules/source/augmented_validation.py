"""TL407: validation or test images are augmented.

Random changes make training images harder on purpose. On images that a model is judged by they make every figure
worse and different each time. A validation part that is cut from a data set with the training transform has that
transform too.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, held_out, looks
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL407",
    "validation or test images are augmented",
    "error",
    "prepare images to be judged without anything random: a generator, transform or data set of their own",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for random changes of images that a network is judged by; `predict` may mean to have several views."""
    for place, _, images, how in looks(program):
        judged = how in ("evaluate", "judge") and bool(images.random) and held_out(program, images)
        if judged or (how == "validate" and images.random):
            kinds = ", ".join(dict.fromkeys(step.kind for step in images.random))
            name = "test" if images.only("test") else "validation"
            yield at(RULE, place, f"the {name} images are changed at random by {kinds}")
