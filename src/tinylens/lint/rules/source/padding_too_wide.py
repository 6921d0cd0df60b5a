"""TL311: padding makes images larger than they came.

Where a window of 3x3 is to leave the size as it is ("same"), one pixel of padding on each side is enough. With more,
a frame of zeros is carried along as if it were image. That is sometimes meant, so this is a note.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import all_nodes, at, before
from tinylens.lint.source.network import Layer, Node, pair
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import whole

RULE = Rule("TL311", "padding makes images larger", "note", 'padding="same", or (kernel size - 1) / 2 pixels')


def check(program: Program) -> Iterator[Finding]:
    """Fires for more padding than the window of the convolution takes, where it moves by one pixel."""
    for node in all_nodes(program):
        layer = node.layer
        if layer is None or layer.role != "linear" or layer.made is None or "onv2" not in layer.kind.lower():
            continue
        pixels, kernel = padding(node, layer), layer.kernel[0]
        if pixels is None or kernel is None or not moves_by_one(layer):
            continue
        if 2 * pixels > kernel:
            grown = 2 * pixels - kernel + 1
            why = f"{pixels} pixels on each side for a window of {kernel}x{kernel}: images grow by {grown}"
            yield at(RULE, layer.made.place, why)


def padding(node: Node, layer: Layer) -> int | None:
    """The pixels on each side that a convolution's images get right before it; None where they are not known."""
    if layer.made is None:
        return None
    if not layer.keras:
        return pair(layer.made.get("padding", 4, default=0))[0]
    earlier = before(node)
    valid = layer.made.get("padding", 3, default="valid") == "valid"
    if not valid or earlier is None or earlier.layer is None or earlier.layer.kind != "ZeroPadding2D":
        return None
    made = earlier.layer.made
    return pair(made.get("padding", 0, default=1))[0] if made is not None else None


def moves_by_one(layer: Layer) -> bool:
    """Whether the window moves by one pixel and has no holes."""
    if layer.made is None or "ranspose" in layer.kind:
        return False
    strides = layer.made.get("strides", "stride", 2 if layer.keras else 3, default=1)
    holes = layer.made.get("dilation_rate", "dilation", default=1)
    return pair(strides)[0] == 1 and (whole(holes) == 1 or pair(holes)[0] == 1)
