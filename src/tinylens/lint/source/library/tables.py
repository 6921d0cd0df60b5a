"""What files of numbers hold: tables of pixels, of which one column is the labels, and arrays by name."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.items import column_of, table
from tinylens.lint.source.values import Made, Name, text_of


def read(call: Call) -> Any:
    """pandas.read_csv, numpy.loadtxt: the whole file."""
    if any(name in call.named for name in ("usecols", "unpack", "chunksize", "iterator")):
        return call.unknown
    return table(text_of(call.get(0)) or call.reading.fresh("table"), (), call.place)


def of_h5(call: Call) -> Any:
    """h5py.File: several arrays by name, of which only the file is known."""
    return Made(Name("numpy.NpzFile"), {"file": text_of(call.get(0, "name"))}, call.place)


def same(call: Call) -> Any:
    """table.to_numpy(), astype, copy: the same values."""
    return call.of


def taken_out(call: Call) -> Any:
    """table.pop("label")."""
    return column_of(call.of, call.get(0))


def without(call: Call) -> Any:
    """table.drop("label", axis=1): what is left are the images."""
    given = call.get("columns", "labels", 0)
    name = given[0] if isinstance(given, list) and len(given) == 1 else given
    by_columns = "columns" in call.named or call.get("axis", 1) in (1, "columns")
    found = column_of(call.of, name) if by_columns and isinstance(name, str) else None
    return column_of(call.of, slice(1, None)) if found is not None else call.unknown


FUNCTIONS = {"pandas:read_csv": read, "numpy:loadtxt": read, "numpy:genfromtxt": read, "h5py:File": of_h5}
METHODS = {
    **{f"Table.{name}": same for name in ("to_numpy", "astype", "copy", "as_matrix", "to")},
    "Table.pop": taken_out,
    "Table.drop": without,
}
