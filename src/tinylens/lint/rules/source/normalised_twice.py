"""TL402: images are normalised twice.

Values that are in 0 .. 1 already are divided by 255 again, by a second cell, by a generator's rescale, by a Rescaling
layer or after ToTensor. What is left differs by less than 1 / 255 from one pixel to the next; the network sees almost
the same grey everywhere. `preprocess_input` of keras.applications takes images in 0 .. 255 too, and either divides by
127.5 or 255, or subtracts means of about 115; EfficientNet, ConvNeXt and MobileNetV3 take them as they are, and scale
them inside.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.arithmetic import after_step
from tinylens.lint.source.asking import at, largest_value, looks
from tinylens.lint.source.data import Data, Step
from tinylens.lint.source.library.applications import scales, scales_itself
from tinylens.lint.source.network import Network, Node
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import number

RULE = Rule("TL402", "images are normalised twice", "error", "divide by 255 once, in one place")
CENTRED = "ImageNet's mean"  # the step of preprocess_input that only subtracts
SMALL = 4.0  # the largest value of images that are normalised


def check(program: Program) -> Iterator[Finding]:
    """Fires for a division by about 255, or by what preprocess_input does, of values that are small already."""
    for _, network, images, _ in looks(program):
        step = second_step(images)
        if step is not None:
            yield at(RULE, step.place, why(step))
        elif is_small(images):
            yield from by_layer(network)


def second_step(images: Data) -> Step | None:
    """The step that is for 0 .. 255, of what is small already."""
    if not images.raw:
        return None
    low, high = 0.0, images.top
    for step in images.steps:
        if (shrinks(step) or (step.numbers == CENTRED and images.sure)) and max(abs(low), abs(high)) <= SMALL:
            return step
        found = after_step(low, high, step.kind, step.numbers)
        if found is None:
            return None
        low, high = found
    return None


def why(step: Step) -> str:
    """What is wrong with a second step."""
    if step.numbers == CENTRED:
        return "preprocess_input subtracts means of 0 .. 255 from values of 1 or so"
    by = number(step.numbers) or 255.0
    return f"values of 1 or so are divided by {by if step.kind == 'divide' else 1 / by:.4g} once more"


def shrinks(step: Step) -> bool:
    """Whether a step divides by 100 or more."""
    by = number(step.numbers)
    return by is not None and ((step.kind == "divide" and by >= 100) or (step.kind == "multiply" and 0 < by <= 0.01))


def is_small(images: Data) -> bool:
    """Whether images are normalised, for sure."""
    top = largest_value(images)
    return top is not None and top <= SMALL


def by_layer(network: Network | None) -> Iterator[Finding]:
    """A layer at the beginning of the network that is for 0 .. 255."""
    for node in network.nodes() if network is not None else []:
        layer = node.layer
        if layer is None or layer.made is None:
            continue
        scale = number(layer.made.get("scale", 0))
        if layer.kind == "Rescaling" and scale is not None and 0 < scale <= 0.01:
            yield at(RULE, layer.place, "Rescaling divides images that are normalised already")
        if scales_itself(layer.made) and comes_first(node):
            yield at(RULE, layer.place, f"{layer.made.kind} scales images of 0 .. 255 itself, and gets normalised ones")
        if layer.kind == "preprocess_input" and scales(layer.made.name) and comes_first(node):
            yield at(RULE, layer.place, "preprocess_input takes 0 .. 255, and gets images that are normalised already")


def comes_first(node: Node) -> bool:
    """Whether a layer gets the images as they come into the network, or only augmented."""
    before = [one.layer for one in node.before() if one is not node and one.layer is not None]
    return all(layer.role in ("input", "augment", "reshape", "pad") for layer in before)
