"""Values: what a name of their program may stand for, as far as reading tells.

Numbers, text, None, tuples, lists and dictionaries stand for themselves. All else is one of the classes below, or of
`data` and `network`. What is not understood is Unknown, and no rule says anything of it.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import Part

WHOLE = "all of "  # begins the name of a whole curve


@dataclass(frozen=True, eq=False)
class Unknown:
    """Anything. of: the images that it was computed from, as an accuracy is, so far as that is known.

    text: what is known of a text that is joined from parts. curve: of a figure of one epoch, the name of the curve of a
    history that it is a point of; `all of` it before the name, where it is the curve.
    """

    of: frozenset[Part] = frozenset()
    text: str = ""
    judged: bool = False  # it came out of judging a model: a metric or a loss
    model: Any = None
    curve: str = ""

    @property
    def point(self) -> "Unknown":
        """One point of a curve."""
        return replace(self, curve=self.curve.removeprefix(WHOLE))


@dataclass(frozen=True)
class Name:
    """Something of a library, by its full name: keras.layers.Dense."""

    path: str

    @property
    def last(self) -> str:
        """Its own name: Dense."""
        return self.path.rpartition(".")[2]

    @property
    def root(self) -> str:
        """Its library: keras."""
        return self.path.partition(".")[0]


@dataclass(eq=False)
class Made:
    """What a library's class or function made: a layer, a loss, an optimizer, a callback, a transform.

    args: by name where the call or the known signature gives it, else by position. fields: set afterwards. given: of
    arguments that were given elsewhere, by `partial`, where.
    """

    name: Name
    args: dict[str | int, Any]
    place: Place
    fields: dict[Any, Any] = field(default_factory=dict)
    maybe: bool = False  # made where a condition may not hold
    given: dict[str | int, Place] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Its class's own name."""
        return self.name.last

    def get(self, *names: str | int, default: Any = None) -> Any:
        """The argument of the first of the names (or positions) that was given."""
        return next((self.args[name] for name in names if name in self.args), default)


@dataclass(eq=False)
class Function:
    """A function of theirs, or a lambda. scope: the names it can see. bound: the object it is a method of."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: "Scope"
    place: Place
    bound: Any = None
    defaults: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return getattr(self.node, "name", "lambda")


@dataclass(eq=False)
class Class:
    """A class of theirs. bases: values. names: its methods and fields. fields: those that have a type, in order."""

    name: str
    bases: list[Any]
    names: dict[str, Any]
    place: Place
    fields: list[str] = field(default_factory=list)

    def lookup(self, name: str) -> Any:
        """What the class or its bases of theirs have under a name; None where nothing."""
        if name in self.names:
            return self.names[name]
        found = (base.lookup(name) for base in self.bases if isinstance(base, Class))
        return next((value for value in found if value is not None), None)

    def all_fields(self) -> list[str]:
        """Its fields after those of its bases of theirs, each once."""
        inherited = [name for base in self.bases if isinstance(base, Class) for name in base.all_fields()]
        return list(dict.fromkeys([*inherited, *self.fields]))

    def ancestors(self) -> Iterable[str]:
        """The full names of the libraries' classes that it comes from."""
        for base in self.bases:
            if isinstance(base, Class):
                yield from base.ancestors()
            elif isinstance(base, Name):
                yield base.path


@dataclass(eq=False)
class Thing:
    """An object of a class of theirs. Where that is a network, `network` has what is known of it as one."""

    cls: Class
    place: Place
    fields: dict[str, Any] = field(default_factory=dict)
    network: Any = None

    @property
    def held(self) -> dict[str, Any]:
        """Its fields by their names, with the values that its class gives to those that have a type there."""
        return {name: self.cls.lookup(name) for name in self.cls.all_fields()} | self.fields


@dataclass(frozen=True)
class Method:
    """A method of something that is no object of theirs: x_train.astype."""

    of: Any
    name: str


@dataclass(frozen=True, eq=False)
class Stream:
    """What gives the same kind of thing again and again: a generator, an enumeration, a loop over batches."""

    item: Any


@dataclass(frozen=True)
class Statistic:
    """A number computed from images, as their mean. path: what was done to them before, to know them again."""

    of: frozenset[Part]
    kind: str


@dataclass(frozen=True)
class Symbol:
    """A number that is not known, but is the same wherever it has the same text: int(0.8 * n).

    between: the least and the largest that it can be, where it counts the turns of a loop.
    """

    text: str
    between: tuple[int, int] | None = field(default=None, compare=False)


@dataclass(eq=False)
class Weights:
    """The weights of a network as they stand in it, or some of them: no copy, so that training goes on to change them.

    of: the network; None where others were put among them.
    """

    of: Any


@dataclass
class Scope:
    """Names and their values; those of the outer scope where it has none."""

    names: dict[str, Any] = field(default_factory=dict)
    outer: "Scope | None" = None
    shared: set[str] = field(default_factory=set)  # names that are declared global, and so are the module's

    def find(self, name: str) -> Any:
        """The value of a name. Raises KeyError where there is none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        raise KeyError(name)

    def bind(self, name: str, value: Any) -> None:
        """Give a name a value."""
        scope = self.outermost if name in self.shared else self
        scope.names[name] = value

    @property
    def outermost(self) -> "Scope":
        """The scope of the module."""
        return self if self.outer is None else self.outer.outermost


def number(value: Any) -> float | None:
    """A number, where the value is one."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole(value: Any) -> int | None:
    """A whole number, where the value is one."""
    found = number(value)
    return int(found) if found is not None and abs(found) < 1e15 and found == int(found) else None


def pair_of_numbers(value: Any) -> tuple[float, ...] | None:
    """A few numbers, or one, as a tuple; None where one is not known."""
    values = value if isinstance(value, list | tuple) else (value,)
    found = tuple(number(one) for one in values)
    return None if None in found else tuple(one for one in found if one is not None)


def text_of(value: Any) -> str:
    """What is known of a text."""
    return value if isinstance(value, str) else value.text if isinstance(value, Unknown) else ""


def weights_in(value: Any, depth: int = 3) -> Weights | None:
    """The weights themselves that are in a value, or in what it holds."""
    if isinstance(value, Weights):
        return value
    held = {dict: lambda: value.values(), list: lambda: value, tuple: lambda: value, Stream: lambda: [value.item]}
    items = list(held[type(value)]())[:20] if type(value) in held and depth else []
    return next((found for one in items if (found := weights_in(one, depth - 1)) is not None), None)
