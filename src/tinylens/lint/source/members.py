"""Members: what stands behind a dot."""

from dataclasses import replace
from typing import Any

from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import SETS, Data, words_in
from tinylens.lint.source.deriving import derived
from tinylens.lint.source.items import ARCHIVE, ARRAY_NAME, TABLE
from tinylens.lint.source.names import member
from tinylens.lint.source.network import Fit, Network, Node
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.table import CLASS_WORDS, FILE_WORDS, column_of
from tinylens.lint.source.values import Class, Function, Made, Method, Name, Stream, Symbol, Thing, Unknown, Weights

SAME = ("T", "data", "values", "real", "tensors", "flat", "numpy_", "iloc", "loc", "iat")
WEIGHTS = ("variables", "trainable_variables", "weights", "trainable_weights")  # members of a network of Keras


def get(reading: Reading, value: Any, name: str, place: Place) -> Any:
    """A member of a value."""
    if isinstance(value, Name):
        return member(value, name)
    if isinstance(value, Thing):
        return of_thing(value, name)
    if isinstance(value, Class):
        found = value.lookup(name)
        return Unknown() if found is None else found  # 0 and False are values
    if isinstance(value, Data):
        return of_data(value, name)
    if isinstance(value, Network):
        return of_network(value, name)
    if isinstance(value, Made):
        return of_made(value, name)
    if isinstance(value, Node) and name in ("data", "T", "shape", "dtype", "device", "logits"):
        return value if name in ("data", "logits") else (value.shape or Unknown()) if name == "shape" else Unknown()
    if isinstance(value, Unknown) and name in SAME:
        return derived(value)
    if isinstance(value, Weights) and name == "data":
        return value
    return Method(value, name)


def of_thing(thing: Thing, name: str) -> Any:
    """A field of an object of theirs, a method bound to it, or what its library gives it."""
    if name in thing.fields:
        return thing.fields[name]
    found = thing.cls.lookup(name)
    if isinstance(found, Function):
        static = any(getattr(one, "id", "") == "staticmethod" for one in getattr(found.node, "decorator_list", []))
        return found if static else replace(found, bound=thing)
    if found is not None:
        return found
    if name == "__dict__":
        return thing.held
    if thing.network is not None:
        return thing.network.fields[name] if name in thing.network.fields else of_network(thing.network, name)
    return Method(thing, name)


def of_data(data: Data, name: str) -> Any:
    """What is known of images: their shape and number, their labels."""
    if name == "shape":
        return shape(data)
    if name in ("targets", "labels") and data.kind == "pairs":
        return data.labels or derived(data)
    if name == "data" and data.kind == "pairs":
        raw = SETS.get(data.source) is not None
        return replace(data, kind="images", labels=None, steps=(), random=(), sure=raw, batch=None)
    if name == "dataset":
        return replace(data, batch=None)
    if name in ("data", "images", "T", "values"):
        return data
    if name in ("samples", "n") and data.kind == "pairs":
        return data.count if data.count is not None else Symbol(f"len({sorted(part.split for part in data.parts)})")
    if name == "classes" and data.kind == "pairs":
        return replace(data.labels or data, kind="labels", labels=None, order=("as listed",)) if data.source == "flow" \
            else Made(Name("torchvision.class_names"), {0: data}, Place(0))  # fmt: skip
    return Method(data, name)


def shape(data: Data) -> tuple[Any, ...]:
    """The shape of an array of images or labels: what is not known of it is Unknown."""
    count = data.count if data.count is not None else Unknown()
    if data.kind == "labels":
        return (count, data.classes if data.encoding == "onehot" and data.classes else 1)
    height, width = data.size or (Unknown(), Unknown())
    if data.one:
        return (height, width, data.channels or Unknown())
    return (count, height, width, data.channels or Unknown())


def of_network(network: Network, name: str) -> Any:
    """A part of a network; else one of its methods."""
    if name in network.fields:
        return network.fields[name]
    if name == "layers":
        any_layer = Made(Name("keras.layer"), {"of": network}, network.place)
        return list(network.layers) if network.sequential else Stream(any_layer)
    if name in WEIGHTS and network.library == "keras":
        return Weights(network)
    if name in ("output", "outputs"):
        return network.output or Unknown()
    if name == "history" and network.fits:
        return Made(Name("keras.History"), {"fit": network.fits[-1]}, network.place)
    return Method(network, name)


def of_made(made: Made, name: str) -> Any:
    """A field of something of a library's; a history is what it holds, but for the network that it is of."""
    if name in made.fields:
        return made.fields[name]
    if made.kind == ARCHIVE and name == "files":
        return Stream(Made(Name(f"numpy.{ARRAY_NAME}"), {}, made.place))
    if made.kind == TABLE:
        if name == "index":
            return Made(Name("pandas.Index"), {"of": made}, made.place)
        is_column = {name.lower()} & CLASS_WORDS or FILE_WORDS & set(words_in(name))
        return column_of(made, name) if is_column else Method(made, name)
    if name in ("history", "iloc", "loc") and made.kind == "History":
        return made
    if name == "model" and isinstance(made.get("fit"), Fit):
        return made.args["fit"].network
    return (
        made.args[name] if name in made.args and made.kind in ("Namespace", "SimpleNamespace") else Method(made, name)
    )
