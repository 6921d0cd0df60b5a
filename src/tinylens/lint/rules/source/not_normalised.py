"""TL401: images are not normalised.

The network is trained on pixel values from 0 to 255. Initial weights and usual learning rates are made for numbers
near 1: with these, the first steps are hundreds of times too large. Silent where the network itself begins with
Rescaling or a normalisation.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, largest_value, looks, prepares_itself
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL401", "images are not normalised", "warning", "divide by 255, or bring each channel to mean 0 and deviation 1"
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for trainings on values that are known to be 0 .. 255."""
    for place, network, images, how in looks(program):
        top = largest_value(images)
        if how == "train" and top is not None and top > 100 and not prepares_itself(network):
            yield at(RULE, place, f"the training images have values up to {top:g}")
