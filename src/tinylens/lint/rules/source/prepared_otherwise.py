"""TL403: images are prepared otherwise than in training.

The network is validated, judged or used on images that went another way than those that it learned from: divided by
255 in one place and not in the other, or normalised with other numbers. Its answers on them mean nothing.
"""

from collections.abc import Iterator
from typing import Any

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import affine, alike, at, looks
from tinylens.lint.source.data import Data
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL403",
    "images are prepared otherwise than in training",
    "error",
    "prepare images in one function, and call it for training, validation, test and use",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires where both ways are known in full, and differ."""
    known: dict[int, tuple[str, Data]] = {}
    for place, network, images, how in looks(program):
        if how == "train":
            known[id(network)] = ("trained", images)
            continue
        before = known.get(id(network))
        mine, theirs = affine(images), affine(before[1]) if before is not None else None
        if before is None or mine is None:
            continue
        if theirs is None and how == "validate":  # augmented in ways that are not followed
            known[id(network)] = ("validated", images)
        elif theirs is not None and before[1].source and not alike(mine, theirs):
            yield at(RULE, place, f"{before[0]} on images {told(theirs)}; {verb(how)} on images {told(mine)}")


def verb(how: str) -> str:
    """What is done with the images."""
    return {"validate": "validated", "predict": "used"}.get(how, "judged")


def told(way: tuple[Any, ...]) -> str:
    """How images were prepared, in words."""
    scale, shift, *rest = way
    said = "as they are, 0 .. 255" if scale == 1 and shift == 0 else f"in {shift:.3g} .. {255 * scale + shift:.3g}"
    return said + "".join(f", then {kind} by {numbers}" for kind, numbers in rest)
