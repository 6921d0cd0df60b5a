"""TL305: linear layers in a row.

Two convolutions or dense layers follow each other with no activation between them. Together they can do no more than
one of them: a linear function of a linear function is linear. The second one costs time and weights for nothing.

Silent where that is a known way to build: depthwise and grouped convolutions, a window in two parts (3x1 and 1x3),
dense layers that meet in a neck, as an encoder's last and a decoder's first do, a convolution from whose output a
residual block takes both its ways, and where a normalisation or a pooling stands between.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import all_nodes, at, before
from tinylens.lint.source.network import Layer, Node
from tinylens.lint.source.program import Program

RULE = Rule("TL305", "linear layers in a row", "warning", "put an activation between them, or leave one out")
BETWEEN = ("reshape", "dropout", "pad")


def check(program: Program) -> Iterator[Finding]:
    """Fires once for each row of linear layers, at its second."""
    nodes = all_nodes(program)
    follows = {id(node): earlier for node in nodes
               if (earlier := linear_before(node)) is not None and not is_shortcut(node, earlier, nodes)}  # fmt: skip
    for node in nodes:
        earlier = follows.get(id(node))
        if earlier is None or id(earlier) in follows or node.layer is None:
            continue
        row = [earlier, node, *rest(node, nodes, follows)]
        names = ", ".join(f"{one.layer.kind} ({one.layer.place})" for one in row if one.layer is not None)
        yield at(RULE, node.layer.place, f"no activation stands between {names}")


def linear_before(node: Node) -> Node | None:
    """The linear layer that a linear layer follows with nothing else between; None where that is a way to build."""
    earlier = before(node, *BETWEEN)
    if node.layer is None or earlier is None or earlier.layer is None:
        return None
    if not (plain(node.layer) and plain(earlier.layer)) or node.layer is earlier.layer:
        return None
    return None if neck(earlier.layer, node.layer) else earlier


def is_shortcut(node: Node, earlier: Node, nodes: list[Node]) -> bool:
    """Whether a convolution of one pixel takes an output that another way takes too, as beside a residual block."""
    alone = node.layer is not None and set(node.layer.kernel) == {1}
    return alone and sum(any(one is earlier for one in other.inputs) for other in nodes) > 1


def neck(one: Layer, other: Layer) -> bool:
    """Whether fewer numbers pass between two dense layers than come out of the second one."""
    dense = not any("onv" in layer.kind for layer in (one, other))
    return dense and one.units is not None and other.units is not None and one.units < other.units


def plain(layer: Layer) -> bool:
    """Whether a layer is a linear one whose activation and window are those of a layer by itself."""
    functional = layer.kind[:1].islower()  # its weights may come from anywhere
    if layer.role != "linear" or layer.maybe or functional or layer.linear_in_a_row_is_meant:
        return False
    if "onv" not in layer.kind:
        return True
    kernel = layer.kernel
    return len(kernel) == 1 or (None not in kernel and len(set(kernel)) == 1)


def rest(node: Node, nodes: list[Node], follows: dict[int, Node]) -> Iterator[Node]:
    """The layers of the row after a node."""
    for one in nodes:
        if follows.get(id(one)) is node:
            yield one
            yield from rest(one, nodes, follows)
            return
