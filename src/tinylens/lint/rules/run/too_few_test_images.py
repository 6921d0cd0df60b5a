"""TL114: too few test images for the difference to the published figure.

The published figure lies within the 95 % interval of this one: as many test images cannot say which is better. That
does not make them equal. It is a note.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule
from tinylens.words import percent

RULE = Rule(
    "TL114",
    "too few test images for the difference to the published figure",
    "note",
    "claim no difference; several seeds, and more test images, tell more",
)


def check(case: Case) -> Iterator[Finding]:
    """Fires where both were measured on the same data, differ, and the interval covers the difference."""
    run = case.run
    if run is None or run.published is None or not run.evaluated("test"):
        return
    metrics, published = run.metrics("test"), run.published.accuracy
    low, high = metrics["interval"]
    if low <= published <= high and round(metrics["accuracy"], 4) != round(published, 4):
        yield RULE.found(
            f"{percent(metrics['accuracy'], 2)} on {metrics['images']:,} images is known to "
            f"{percent(low)} – {percent(high)}, and {percent(published, 2)} is published"
        )
