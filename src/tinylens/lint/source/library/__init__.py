"""What the libraries do: for each function, class and method that matters here, what comes out of a call of it.

A handler is found by library and own name, as `keras:to_categorical`, so that all the modules that a thing was ever
imported from are one; a method by what it is a method of.
"""

from typing import Any

from tinylens.lint.source.call import Handler
from tinylens.lint.source.data import Data
from tinylens.lint.source.library import (
    accelerators,
    applications,
    arguments,
    arrays,
    builtin,
    chance,
    files,
    generators,
    holders,
    hub,
    keras,
    layers,
    lightning,
    metrics,
    opened,
    pictures,
    pipelines,
    records,
    schedules,
    scikit,
    steps,
    tables,
    texts,
    torch,
    weights,
)
from tinylens.lint.source.network import Network, Node
from tinylens.lint.source.values import Made, Name, Unknown, Weights

ROOMS = (
    builtin,
    texts,
    arguments,
    holders,
    records,
    chance,
    arrays,
    scikit,
    layers,
    keras,
    steps,
    applications,
    generators,
    pipelines,
    hub,
    torch,
    schedules,
    pictures,
    metrics,
    opened,
    files,
    lightning,
    accelerators,
    tables,
    weights,
)
FUNCTIONS: dict[str, Handler] = {name: handler for room in ROOMS for name, handler in room.FUNCTIONS.items()}
METHODS: dict[str, Handler] = {name: handler for room in ROOMS for name, handler in room.METHODS.items()}


def function_of(name: Name) -> Handler | None:
    """The handler of a library's function or class."""
    return FUNCTIONS.get(f"{name.root}:{name.last}") or FUNCTIONS.get(f"*:{name.last}")


def method_of(owner: Any, name: str) -> Handler | None:
    """The handler of a method: of the class of what was made, or of the kind of value."""
    if isinstance(owner, Made):
        return METHODS.get(f"{owner.kind}.{name}") or METHODS.get(f"made.{name}")
    kinds = ((Data, "data"), (Network, "network"), (Node, "node"), (str, "text"), (list, "list"), (dict, "dict"),
             (Unknown, "unknown"), (Weights, "weights"))  # fmt: skip
    kind = next((word for one, word in kinds if isinstance(owner, one)), "any")
    return METHODS.get(f"{kind}.{name}")
