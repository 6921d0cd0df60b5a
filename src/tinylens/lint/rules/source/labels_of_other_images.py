"""TL210: labels do not belong to the images.

Images and labels come from different splits or slices, or one of them was shuffled without the other. The network
then learns noise, or is judged against it.
"""

from collections.abc import Iterator
from typing import Any

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import PICTURE, Data, Split, overlap
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL210",
    "labels do not belong to the images",
    "error",
    "cut and shuffle images and labels together: the same slice, one permutation for both",
)
ALONE = ("file ", "array#", f"{PICTURE}#")  # begins the source of an array that may have its labels in another
DRAWN = ("shuffle", "permutation", "at shuffle", "at permutation", "at arange")


def check(program: Program) -> Iterator[Finding]:
    """Fires for pairs in training, validation and evaluation that surely do not belong together."""
    for place, images, labels, what in pairs(program):
        if isinstance(images, Data) and isinstance(labels, Data) and not images.named and not labels.named:
            why = mismatch(images, labels)
            if why:
                yield at(RULE, place, f"the {what} labels {why}")


def pairs(program: Program) -> Iterator[tuple[Place, Any, Any, str]]:
    """All pairs of images and labels that are used."""
    for fit in program.fits:
        yield fit.place, fit.images, fit.labels, "training"
        yield fit.place, fit.validation, fit.validation_labels, "validation"
    for one in program.happened:
        if one.kind == "loss" and one.target is not None:
            yield one.place, one.data, one.target[1], "batch's"
    for look in program.judged:
        if look.how == "evaluate":
            yield look.place, look.images, look.labels, "test"


def mismatch(images: Data, labels: Data) -> str:
    """Why labels are not those of the images; nothing where they may be."""
    mine, theirs = [{(part.source, part.split) for part in data.parts} for data in (images, labels)]
    one_source = len(mine) == len(theirs) == 1 and next(iter(mine))[0] == next(iter(theirs))[0]
    if mine != theirs and one_source:
        return f"are of the {next(iter(theirs))[1]} split, the images of the {next(iter(mine))[1]} split"
    alike = mine == theirs or (beside(mine) and beside(theirs) and only_shuffled(images) and only_shuffled(labels))
    if images.order != labels.order and alike and is_order(images) and is_order(labels):
        return "are in another order: one of both was shuffled without the other"
    if mine == theirs and images.parts != labels.parts and overlap(images, labels) is False:
        return "are of other images: they were cut out elsewhere"
    if mine == theirs and len(images.parts) == len(labels.parts) == 1 and split_apart(images, labels):
        return "are of other images: they were split at random by themselves"
    return ""


def split_apart(images: Data, labels: Data) -> bool:
    """Whether images and labels were cut at random by two calls that do not cut alike."""
    mine, theirs = ([cut.knife for part in data.parts for cut in part.cuts] for data in (images, labels))
    differing = next((pair for pair in zip(mine, theirs, strict=False) if pair[0] != pair[1]), ())
    return bool(differing) and all(knife.startswith("split") for knife in differing)


def beside(parts: set[tuple[str, Split]]) -> bool:
    """Whether data is one array, of a file or a list of its own, as images and labels that belong together may be."""
    return len(parts) == 1 and next(iter(parts))[0].startswith(ALONE)


def only_shuffled(data: Data) -> bool:
    """Whether its order was drawn at random alone: places that were looked for may be the same by another name."""
    return all(how.startswith(DRAWN) for how in data.order)


def is_order(data: Data) -> bool:
    """Whether its order is one of arrays, which stays; loaders shuffle images and labels together."""
    return not any(how.startswith("reshuffled") for how in data.order)
