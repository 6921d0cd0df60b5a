"""Call: one call in their program, with its arguments as values."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import Data
from tinylens.lint.source.deriving import derived
from tinylens.lint.source.network import Node
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.values import Function, Made, Name, Thing


@dataclass(eq=False)
class Call:
    """A call. of: whose method is called, else None. complete: whether no argument is hidden behind a star."""

    reading: Reading
    name: Name
    args: list[Any]
    named: dict[str, Any]
    place: Place
    of: Any = None
    complete: bool = True
    node: ast.Call | None = None

    def get(self, *names: str | int, default: Any = None) -> Any:
        """The argument of the first of the names, or positions, that is given."""
        for name in names:
            if isinstance(name, int):
                if name < len(self.args):
                    return self.args[name]
            elif name in self.named:
                return self.named[name]
        return default

    @property
    def values(self) -> list[Any]:
        """All arguments."""
        return [*self.args, *self.named.values()]

    @property
    def unknown(self) -> Any:
        """What comes out, where it is not understood: something of the same images, or a figure of them."""
        found = derived(self.of, *self.values)
        held = [one for one in (self.of, *self.values) if isinstance(one, Data) and one.kind != "places"]
        if found.judged or len(held) != 1 or self.name.last[:1].isupper():
            return found
        return replace(held[0].unsure(), count=None, encoding=None, size=None)

    def made(self, path: str | None = None) -> Made:
        """What a library's class makes of it; written down in the record."""
        args: dict[str | int, Any] = dict(enumerate(self.args)) | dict(self.named)
        if self.node is not None:
            keywords = {one.arg: self.reading.place(one) for one in self.node.keywords}
            if "activation" in keywords:
                args["activation place"] = keywords["activation"]
        name = Name(path) if path else self.name
        found = Made(name, args, self.place, maybe=self.reading.unsure > 0)
        if not self.complete:
            found.args["hidden"] = True
        self.reading.program.made.append(found)
        return found

    def asked(self, thing: Thing, name: str, *args: Any) -> Any:
        """What a method of an object of theirs gives; None where it has none."""
        from tinylens.lint.source.calling import bound_to, enter

        function = thing.cls.lookup(name)
        return (
            enter(self.reading, bound_to(function, thing), list(args), {}) if isinstance(function, Function) else None
        )

    def first_node(self) -> Node | None:
        """The first argument that comes out of a layer."""
        return next((node for node in self.nodes()), None)

    def nodes(self) -> list[Node]:
        """All arguments that come out of layers."""
        flat = [one for value in self.values for one in (value if isinstance(value, list | tuple) else [value])]
        return [one for one in flat if isinstance(one, Node)]


Handler = Callable[[Call], Any]
