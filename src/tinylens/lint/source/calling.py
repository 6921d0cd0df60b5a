"""Calling: functions and classes of theirs are entered; those of libraries are asked of `library`."""

import ast
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import Data, by_name
from tinylens.lint.source.deriving import derived
from tinylens.lint.source.items import items_of
from tinylens.lint.source.library import function_of, method_of
from tinylens.lint.source.library.layers import called_network, functional, layered
from tinylens.lint.source.library.reckoning import reckoned
from tinylens.lint.source.library.records import filled
from tinylens.lint.source.network import ROLES, Network, Node
from tinylens.lint.source.noting import NAMED, note_drawing, note_naming
from tinylens.lint.source.reading import Frame, Leave, Reading
from tinylens.lint.source.values import Class, Function, Made, Method, Name, Scope, Statistic, Stream, Thing, Unknown

NETWORKS = {"keras": ("Model", "Sequential", "Layer", "Functional"), "torch": ("Module", "Sequential"),
            "lightning": ("LightningModule",)}  # fmt: skip


def call_expression(reading: Reading, node: ast.Call) -> Any:
    """What a call gives."""
    from tinylens.lint.source.expressions import evaluate

    callee = evaluate(reading, node.func)
    note_drawing(reading, node)
    args, named, complete = arguments(reading, node)
    note_naming(reading, *(named[name] for name in NAMED if name in named))
    place = reading.place(node)
    if isinstance(node.func, ast.Attribute) and node.func.attr not in ("fit", "fit_generator"):
        place = getattr(node.func, "place", place)
    return call(reading, callee, args, named, place, complete=complete, node=node)


def arguments(reading: Reading, node: ast.Call) -> tuple[list[Any], dict[str, Any], bool]:
    """The arguments by position and by name, and whether these are all."""
    from tinylens.lint.source.expressions import evaluate

    args: list[Any] = []
    named: dict[str, Any] = {}
    complete = True
    for one in node.args:
        value = evaluate(reading, one)
        items = items_of(value) if isinstance(one, ast.Starred) else [value]
        complete = complete and items is not None
        args += items or []
    for keyword in node.keywords:
        value = evaluate(reading, keyword.value)
        if keyword.arg is not None:
            named[keyword.arg] = value
        elif isinstance(value, dict):
            named |= {str(key): held for key, held in value.items()}
        else:
            complete = False
    return args, named, complete


def call(
    reading: Reading,
    callee: Any,
    args: list[Any],
    named: dict[str, Any],
    place: Any,
    *,
    complete: bool = True,
    node: ast.Call | None = None,
) -> Any:
    """What a value gives when it is called."""
    reading.tick()
    for value in (*args, *named.values()):
        if isinstance(value, Made):
            value.fields["used"] = True
        elif isinstance(value, Function):
            note_used_in(value)
    if isinstance(callee, Function):
        return enter(reading, callee, args, named)
    if isinstance(callee, Class):
        return instantiate(reading, callee, args, named, place)
    made = Call(reading, Name("?"), args, named, place, complete=complete, node=node)
    if isinstance(callee, Name):
        made.name = callee
        return of_library(made)
    if isinstance(callee, Method):
        made.name, made.of = Name(callee.name), callee.of
        return method(made)
    if isinstance(callee, Thing | Network | Made):
        made.of = callee
        return of_object(made)
    return made.unknown if not made.nodes() else layered(made, "other", "unknown")


def note_used_in(function: Function) -> None:
    """Write down that what a function speaks of may be used, whoever calls it."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.Name):
            with suppress(KeyError):
                held = function.scope.find(node.id)
                if isinstance(held, Made):
                    held.fields["used"] = True


def of_library(made: Call) -> Any:
    """What a library's function or class gives. One that is not known gives what is not known."""
    found = reckoned(made)
    if found is not None:
        return found
    handler = function_of(made.name)
    if handler is not None:
        return handler(made)
    if made.nodes():
        return layered(made, ROLES.get(made.name.last, "other"), made.name.last)
    if made.name.last[:1].isupper():
        return made.made()
    return made.unknown


def method(made: Call) -> Any:
    """What a method gives of something that is no object of theirs."""
    handler = method_of(made.of, made.name.last)
    if handler is not None:
        return handler(made)
    if isinstance(made.of, Thing) and made.of.network is not None:
        made.of = made.of.network
        return method(made)
    if isinstance(made.of, Node):
        return layered(made, ROLES.get(made.name.last, "other"), made.name.last)
    if isinstance(made.of, Statistic):
        return made.of
    if isinstance(made.of, Data):
        return made.of.unsure() if made.name.last not in ("argmax", "max", "min", "sum", "size") else made.unknown
    return made.unknown if not made.nodes() else layered(made, "other", made.name.last)


def of_object(made: Call) -> Any:
    """What an object gives when it is called: a network and a layer what comes out of them."""
    owner = made.of
    if isinstance(owner, Thing):
        found = owner.cls.lookup("forward") or owner.cls.lookup("call") if owner.network else None
        found = found or owner.cls.lookup("__call__")
        built = isinstance(found, Function) or (owner.network is not None and owner.network.output is not None)
        if owner.network is not None and (built or made.nodes()):
            return called_network(made, owner.network)
        return enter(made.reading, bound_to(found, owner), made.args, made.named) if isinstance(found, Function) \
            else made.unknown  # fmt: skip
    if isinstance(owner, Network):
        return called_network(made, owner)
    handler = method_of(owner, "__call__")
    return handler(made) if handler else made.unknown


def bound_to(function: Function, owner: Any) -> Function:
    """A method of an object."""
    return Function(function.node, function.scope, function.place, owner, function.defaults)


def enter(reading: Reading, function: Function, args: list[Any], named: dict[str, Any]) -> Any:
    """What a function of theirs gives for these arguments; Unknown where it is under way already, or too deep."""
    if reading.is_under_way(function):
        return derived(*args, *named.values())
    if has_decorator(function, "contextmanager", "asynccontextmanager"):
        found = Made(Name("contextlib.contextmanager"), {}, function.place)
        found.fields["manager"] = (function, args, named)  # what it does, it does around a with block
        return found
    scope = Scope(parameters(function, args, named), function.scope)
    if isinstance(function.node, ast.Lambda):
        from tinylens.lint.source.expressions import evaluate

        reading.frames.append(Frame(function))
        try:
            with reading.within(scope):
                return evaluate(reading, function.node.body)
        finally:
            reading.frames.pop()
    return entered(reading, function, scope, args)


def entered(
    reading: Reading,
    function: Function,
    scope: Scope,
    args: list[Any],
    at_yield: Callable[[Any], None] | None = None,
) -> Any:
    """Go through the body of a function, and join what it gives back."""
    from tinylens.lint.source.items import join_all
    from tinylens.lint.source.statements import run

    reading.entered.add(id(function.node))
    frame = Frame(function, at_yield=at_yield)
    off = int(has_decorator(function, "no_grad", "inference_mode"))
    reading.frames.append(frame)
    reading.no_grad += off
    try:
        with reading.within(scope):
            run(reading, getattr(function.node, "body", []))
    except Leave as leave:
        if leave.how == "raise" and not frame.returned:
            return derived(*args)
    finally:
        reading.frames.pop()
        reading.no_grad -= off
    if frame.yielded:
        return Stream(join_all(frame.yielded))
    return join_all(frame.returned) if frame.returned else None


def has_decorator(function: Function, *names: str) -> bool:
    """Whether a function has a decorator of one of these own names."""
    found = getattr(function.node, "decorator_list", [])
    bare = [one.func if isinstance(one, ast.Call) else one for one in found]
    return any(getattr(one, "attr", getattr(one, "id", "")) in names for one in bare)


def parameters(function: Function, args: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """The names of the parameters with what they get. One that gets nothing may still say by its name what it is."""
    declared = function.node.args
    given = [function.bound, *args] if function.bound is not None else list(args)
    names = [one.arg for one in [*declared.posonlyargs, *declared.args]]
    found: dict[str, Any] = {}
    for name in [*names, *(one.arg for one in declared.kwonlyargs)]:
        found[name] = function.defaults.get(name, Unknown())
    found |= dict(zip(names, given, strict=False))
    found |= {name: value for name, value in named.items() if name in found or declared.kwarg is None}
    if declared.vararg is not None:
        found[declared.vararg.arg] = tuple(given[len(names) :])
    if declared.kwarg is not None:
        found[declared.kwarg.arg] = {name: value for name, value in named.items() if name not in names}
    return {name: guessed(value, name) for name, value in found.items()}


def guessed(value: Any, name: str) -> Any:
    """A parameter's value; data of the split that its name speaks of, where it has none."""
    bare = type(value) is Unknown and not value.of and not value.judged and not value.text
    return (by_name(name) or value) if bare else value


def instantiate(reading: Reading, cls: Class, args: list[Any], named: dict[str, Any], place: Any) -> Any:
    """An object of a class of theirs; a network where the class comes from a library's."""
    thing = Thing(cls, place)
    library = network_library(cls)
    if library is not None:
        thing.network = Network(place, "torch" if library != "keras" else "keras", thing=thing)
        reading.program.networks.append(thing.network)
    reading.program.things.append(thing)
    start = cls.lookup("__init__")
    if isinstance(start, Function):
        enter(reading, bound_to(start, thing), args, named)
    else:
        thing.fields |= filled(reading, cls, args, named)
        then = cls.lookup("__post_init__")
        if isinstance(then, Function):
            enter(reading, bound_to(then, thing), [], {})
        if thing.network is not None:
            functional(thing.network, args, named)
    return thing


def network_library(cls: Class) -> str | None:
    """The library whose networks a class is one of."""
    for path in cls.ancestors():
        name = Name(path)
        if name.last in NETWORKS.get(name.root, ()):
            return name.root
    return None
