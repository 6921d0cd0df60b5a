"""TL105: augmentation that changes no image, or leaves nothing of it.

A colour jitter without a range changes nothing; a cutout as large as two images leaves nothing to see.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule
from tinylens.pixels.augment import ColourJitter, Cutout

RULE = Rule("TL105", "augmentation that does nothing", "warning", "give it a range, or leave it out")


def check(case: Case) -> Iterator[Finding]:
    """Fires for parts of augmentation whose numbers make them idle, or blank every image."""
    for step in case.recipe.augment:
        if isinstance(step, ColourJitter) and not (step.brightness or step.contrast or step.saturation):
            yield RULE.found("colour-jitter has brightness, contrast and saturation 0")
        elif isinstance(step, Cutout) and step.pixels >= 2 * case.recipe.image_size:
            size = case.recipe.image_size
            yield RULE.found(f"cutout of {step.pixels} pixels blanks the whole of an image of {size}x{size}")
