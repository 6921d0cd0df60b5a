"""TL106: images are not normalised, or normalised twice.

Values in 0 .. 255 are hundreds of times too large for usual weights and rates; divided by 255 twice, all pixels are
nearly the same.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule
from tinylens.pixels.preprocess import Scale

RULE = Rule("TL106", "images are not normalised once", "warning", "--set preprocess=scale, or standardise")


def check(case: Case) -> Iterator[Finding]:
    """Fires for a recipe without a step that makes values small, and for a scale after another step that did."""
    kinds = [step.kind for step in case.recipe.preprocess]
    small = [kind for kind in kinds if kind != "centre" and not (kind == "global-contrast" and unscaled(case, kind))]
    if not small:
        yield RULE.found(f"preprocess is {', '.join(kinds) or 'none'}: the network gets values up to 255")
    for i, step in enumerate(case.recipe.preprocess):
        if isinstance(step, Scale) and any(kind in small for kind in kinds[:i]):
            yield RULE.found(f"scale divides by 255 what {kinds[i - 1]} has made small already")


def unscaled(case: Case, kind: str) -> bool:
    """Whether a step of that kind only centres."""
    return any(step.kind == kind and getattr(step, "scale", 1) is None for step in case.recipe.preprocess)
