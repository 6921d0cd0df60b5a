"""TL312: layers that the optimizer never sees.

A PyTorch module finds the weights of its layers in its fields, in ModuleList, ModuleDict and Sequential, but not in a
plain list or dictionary; and a layer that is made inside `forward` has new random weights for every batch. Neither is
trained, moved to the device, or saved.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL312",
    "layers that the optimizer never sees",
    "error",
    "make layers in __init__, and keep several of them in nn.ModuleList",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for layers in a plain list, unless the list is wrapped, and for layers made in forward."""
    wrapped = {id(item) for network in program.networks for item in network.layers}
    for place, name in program.hidden:
        if name.startswith("forward: "):
            yield at(RULE, place, f"{name.removeprefix('forward: ')} is made anew each time in forward")
        elif not is_wrapped(program, name, wrapped):
            yield at(RULE, place, f"self.{name} is a plain list, in which their weights are not found")


def is_wrapped(program: Program, name: str, wrapped: set[int]) -> bool:
    """Whether the layers of a list are in a container too, or the list was only on the way to one."""
    for thing in program.things:
        value = thing.fields.get(name)
        if isinstance(value, list) and value and all(id(item) in wrapped for item in value):
            return True
        lists = [one.args.get(0) for one in program.made if one.kind == "ModuleList"]
        if isinstance(value, list) and any(one is value for one in lists):
            return True
    return any(name in thing.fields and not isinstance(thing.fields[name], list | dict) for thing in program.things)
