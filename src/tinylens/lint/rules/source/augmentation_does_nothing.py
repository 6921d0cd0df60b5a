"""TL406: augmentation that does nothing.

A crop as large as the image has one place only; a random number from a range of one is no random number; a flip with
probability 0 never flips; a generator or a transform that is set up and never used changes no image. Parts that were
cut by random_split are views of one data set: a transform that is given to one of them is given to all.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, looks
from tinylens.lint.source.library.generators import RANDOM, varies
from tinylens.lint.source.library.pictures import RANDOM as TRANSFORMS
from tinylens.lint.source.library.pictures import flattened
from tinylens.lint.source.network import Node, pair
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Made, Symbol, Unknown, number

FILLING = ("fill_mode", "cval", "data_format", "dtype")  # settings that change nothing by themselves
RULE = Rule(
    "TL406",
    "augmentation that does nothing",
    "warning",
    "pad before the crop, give it a range, and train on what it makes",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for crops, draws, probabilities and ranges that change nothing, and for what is never used."""
    for drawn in program.drawn:
        yield at(RULE, drawn.place, f"the random number is always {drawn.value}")
    for made in program.all_made(*TRANSFORMS, "random_crop", "ImageDataGenerator"):
        why = idle(made)
        if why:
            yield at(RULE, made.place, why)
    yield from layers_that_crop_nothing(program)
    yield from unused(program)
    yield from taken_away(program)


def idle(made: Made) -> str:
    """Why a random part changes nothing; nothing where it may."""
    p = number(made.get("p"))
    if p == 0:
        return f"{made.kind} has probability 0"
    if made.kind in ("RandomCrop", "random_crop") and crops_nothing(made):
        height, width = made.fields["size before"]
        return f"the crop is as large as the image, {height}x{width}: it has one place only"
    if made.kind == "RandomRotation" and number(made.get("degrees", 0)) == 0:
        return "RandomRotation turns by 0 degrees"
    if made.kind == "ImageDataGenerator":
        ranges = [made.args[name] for name in RANDOM if name in made.args]
        rest = made.args.keys() - {*RANDOM, *FILLING}
        return "" if rest or not ranges or any(map(may_vary, ranges)) else "all its ranges are 0"
    if made.kind == "ColorJitter" and not [value for value in made.args.values() if varies(value)]:
        return "ColorJitter without a range changes nothing"
    return ""


def may_vary(value: object) -> bool:
    """Whether a setting of augmentation may change anything."""
    return varies(value) or isinstance(value, Unknown | Symbol)


def crops_nothing(made: Made) -> bool:
    """Whether a crop is as large as its image, with nothing added around it."""
    size, before = made.get("size", 1 if made.kind == "random_crop" else 0), made.fields.get("size before")
    given = made.get("padding", 9 if made.kind == "random_crop" else 1)
    if before is None or (given is not None and given != 0) or "hidden" in made.args:
        return False
    return pair(size)[:2] == tuple(before)


def layers_that_crop_nothing(program: Program) -> Iterator[Finding]:
    """Keras' RandomCrop right after an input of the same size."""
    for network in program.networks:
        for node in network.nodes():
            if node.layer is not None and node.layer.kind == "RandomCrop" and node.layer.made is not None:
                made = node.layer.made
                size = (made.get("height", 0), made.get("width", 1))
                if None not in size and size == input_size(node):
                    yield at(RULE, made.place, f"the crop is as large as the image, {size[0]}x{size[1]}")


def input_size(node: Node) -> tuple[object, object] | None:
    """Height and width of the input that a layer stands on."""
    first = node.inputs[0] if node.inputs else None
    known = first is not None and first.layer is not None and first.layer.role == "input"
    shape = first.shape if first is not None and known else None
    return (shape[0], shape[1]) if isinstance(shape, tuple) and len(shape) == 3 else None


def unused(program: Program) -> Iterator[Finding]:
    """Generators and transforms with random parts that no image goes through."""
    for made in program.all_made("ImageDataGenerator"):
        if program.fits and any(varies(made.get(name)) for name in RANDOM) and not made.fields.get("used"):
            yield at(
                RULE, made.place, "no batch is drawn from this generator: the network is trained on images as they are"
            )
    trained = bool(program.fits) or any(one.kind == "backward" for one in program.happened)
    for made in program.all_made("Compose"):
        random = [one.kind for one in flattened(made) if isinstance(one, Made) and one.kind in TRANSFORMS]
        unseen = not made.fields.get("used") and not made.fields.get("held")
        if trained and random and unseen and any(one.parts for _, one in program.data):
            yield at(RULE, made.place, f"no data set uses this transform, with its {random[0]}")


def taken_away(program: Program) -> Iterator[Finding]:
    """Transforms that are given to one part of a data set, and so to the part that is trained on."""
    learned = [images.parts for _, _, images, how in looks(program) if how == "train"]
    for place, part in program.overwritten:
        if part.parts in learned:
            yield at(RULE, place, f"the training images are of the same data set, and lose their {part.random[0].kind}")
