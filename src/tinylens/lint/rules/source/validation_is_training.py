"""TL203: validation images are training images.

The validation data shares images with the training data: it is the same array, another generator over the same array,
slices that overlap, two cuts at random that are not drawn alike, or the first and the other items of a pipeline that is
shuffled anew each time. Or mirror images and other copies were put in before the cut, so that one of two that are
nearly the same is trained on, and the other validates. Validation figures then only say how well the training images
are remembered.
"""

from collections.abc import Iterator
from dataclasses import replace

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, looks
from tinylens.lint.source.data import BEHIND, Cut, Data, Part, overlap
from tinylens.lint.source.network import Network
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL203",
    "validation images are training images",
    "error",
    "cut the training images into two parts that share nothing, once, and train on one of them only",
)
ANEW = ("random_split", "permutation")  # other ones are drawn apart
COPIES = "copies of images were put in before the cut, so that there are some of the same image on both sides"


def check(program: Program) -> Iterator[Finding]:
    """Fires where training and validation images surely overlap."""
    for fit in program.fits:
        if isinstance(fit.images, Data) and fit.share is not None and any(map(is_behind, fit.images.copies)):
            yield at(RULE, fit.place, COPIES)
        if not (isinstance(fit.images, Data) and isinstance(fit.validation, Data)):
            continue
        why = shared(fit.images, fit.validation)
        if why:
            yield at(RULE, fit.place, why)
    yield from by_hand(program)


def by_hand(program: Program) -> Iterator[Finding]:
    """Loops over what is called validation or test images, and that network was trained on before."""
    trained: list[tuple[Network | None, Data]] = []
    for place, network, images, how in looks(program):
        if how == "train" and not images.named:
            trained.append((network, images))
        if how != "judge" or images.named or images.claimed not in ("validation", "test"):
            continue
        if any(learner is network and copies_cut(one, images) for learner, one in trained):
            yield at(RULE, place, COPIES)
        elif any(learner is network and overlap(images, one) for learner, one in trained):
            yield at(RULE, place, f"what is called {images.claimed} images are trained on")
        else:
            last = next((one for learner, one in reversed(trained) if learner is network), None)
            why = drawn_apart(last, images) if last is not None else ""
            if why:
                yield at(RULE, place, why)


def shared(train: Data, validation: Data) -> str:
    """Why both share images; nothing where that is not sure."""
    if train.named or validation.named:
        return ""
    if train.parts == validation.parts:
        return "the training and the validation images are the same"
    if copies_cut(train, validation):
        return COPIES
    apart = drawn_apart(train, validation)
    if apart:
        return apart
    for one in train.parts:
        for other in validation.parts:
            why = shared_cuts(one, other)
            if why:
                return why
    return "some of the validation images are trained on" if overlap(train, validation) else ""


def drawn_apart(train: Data, validation: Data) -> str:
    """Why both share images, as each is a side of a cut of its own of the same images; nothing where they do not."""
    if len(train.parts) != 1 or len(validation.parts) != 1:
        return ""
    (one,), (other,) = train.parts, validation.parts
    if (one.source, one.split) != (other.source, other.split) or one.source == "somewhere":
        return ""
    pairs = zip(one.cuts, other.cuts, strict=False)
    differing = next(((a, b) for a, b in pairs if replace(a, role=None) != replace(b, role=None)), None)
    if differing is None or not draws_anew(*(drawn_by(cut) for cut in differing)):
        return ""
    return "both are drawn at random out of the same images, each for itself, so that they overlap"


def drawn_by(cut: Cut) -> str:
    """What a cut is known by; of one at places, the order of all places that they are a part of."""
    places = cut.side.parts if cut.knife == "at" and isinstance(cut.side, Data) else frozenset()
    return next(iter(places)).source if len(places) == 1 else cut.knife


def draws_anew(one: str, other: str) -> bool:
    """Whether two cuts at random are surely not the same: after other seeds, or after none."""
    if one == other or any(all(knife.startswith(kind) for knife in (one, other)) for kind in ANEW):
        return one != other
    drawn = [knife.rpartition(" seed ")[2] for knife in (one, other)
             if knife.startswith(("split#", "sample")) or " seed " in knife]  # fmt: skip
    alike = all(knife.startswith("sample") for knife in (one, other))  # whose first are the same after the same seed
    return len(drawn) == 2 and (alike or drawn[0] != drawn[1])


def copies_cut(train: Data, validation: Data) -> bool:
    """Whether both are parts of images among which there were copies, cut without regard to which belong together."""
    both = train.copies & validation.copies
    if not both or train.parts == validation.parts:
        return False
    mine, theirs = (
        sorted(part.cuts for part in data.parts)[0] if len(data.parts) == 1 else () for data in (train, validation)
    )
    differing = next(
        ((a, b) for a, b in zip(mine, theirs, strict=False) if replace(a, role=None) != replace(b, role=None)), None
    )
    if differing is None:
        return False
    knives = [knife_of(cut) for cut in differing]
    at_random = all(knife.startswith(("split", "random_split", "sample", "cut#", "seed")) for knife in knives)
    in_order = any("in order" in knife for knife in knives)
    shuffled = bool(train.order) and all(not how.startswith("resampled") for how in train.order)
    if at_random and not in_order:
        return True
    anyhow = all(knife.startswith(("slice", "split", "subset", "fold")) for knife in knives)
    return anyhow and (shuffled or any(map(is_behind, both)))


def is_behind(occasion: str) -> bool:
    """Whether copies were put behind all images, so that any cut parts some from their own."""
    return occasion.startswith(BEHIND)


def knife_of(cut: Cut) -> str:
    """What a cut was made with; of one at places, what the places were cut with."""
    if cut.knife != "at" or not isinstance(cut.side, Data):
        return cut.knife
    inner = [one.knife for part in cut.side.parts for one in part.cuts]
    return inner[-1] if inner else cut.knife


def shared_cuts(one: Part, other: Part) -> str:
    """Why two parts share images although each is cut out."""
    if (one.source, one.split) != (other.source, other.split):
        return ""
    for a, b in zip(one.cuts, other.cuts, strict=False):
        if a.knife == b.knife and a.knife.startswith("slice of reshuffled"):
            return "the pipeline is shuffled anew each epoch before `take` and `skip`, so that images change sides"
        sides = isinstance(a.side, tuple) and isinstance(b.side, tuple) and len(a.side) == len(b.side) == 2
        if a.knife == b.knife and a.knife.startswith("seed") and sides and a.side[1] != b.side[1]:
            return f"the two parts are cut with different seeds ({a.side[1]} and {b.side[1]}), so that they overlap"
    return ""
