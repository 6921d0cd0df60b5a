"""TL113: a class is never predicted.

The images that the lens was judged on have it, and the lens never says it: its recall is 0, which an accuracy over
many classes hides.
"""

from collections.abc import Iterator

import numpy as np

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule
from tinylens.words import count

RULE = Rule(
    "TL113", "a class is never predicted", "warning", "look at its images and labels; train longer; balance the classes"
)
ENOUGH = 5  # images of a class, below which nothing is told of it
MOST = 8  # classes that are named


def check(case: Case) -> Iterator[Finding]:
    """Fires for classes with a few images or more among those judged, for which no image was taken."""
    predictions = case.predictions
    if predictions is None:
        return
    classes = len(predictions.classes)
    there = np.bincount(predictions.labels, minlength=classes)
    said = np.bincount(predictions.predicted, minlength=classes)
    never = [predictions.classes[i] for i in np.flatnonzero((there >= ENOUGH) & (said == 0))]
    if never:
        named = ", ".join(never[:MOST]) + (" …" if len(never) > MOST else "")
        many = f"{len(never)} classes are" if len(never) > 1 else "1 class is"
        yield RULE.found(f"{many} never predicted on {count(len(predictions), f'{predictions.split} image')}: {named}")
