"""What is done to tables: rows that are read, drawn, left out, cut and put together; and to files of several arrays."""

from dataclasses import replace
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import BEHIND, Cut, Data, Part, words_in
from tinylens.lint.source.items import ARCHIVE, ARRAY_NAME, GROUPS, LABEL_KEYS, items_of, of_archive
from tinylens.lint.source.library.arrays import concatenated
from tinylens.lint.source.library.chance import drawn_order
from tinylens.lint.source.library.metrics import curves
from tinylens.lint.source.table import FILE_WORDS, column_of, of_rows, read_from, rows_of, with_rows
from tinylens.lint.source.values import Function, Made, Name, Stream, number, text_of

DRAWN, LEFT = "drawn", "left"  # the sides of a cut by `sample`


def read(call: Call) -> Any:
    """pandas.read_csv, numpy.loadtxt: the whole file."""
    if any(name in call.named for name in ("usecols", "unpack", "chunksize", "iterator")):
        return call.unknown
    return read_from(text_of(call.get(0)) or call.reading.fresh("table"), call.place)


def of_h5(call: Call) -> Any:
    """h5py.File: several arrays by name, of which only the file is known."""
    return Made(Name(f"numpy.{ARCHIVE}"), {"file": text_of(call.get(0, "name"))}, call.place)


def names(call: Call) -> Any:
    """archive.keys()."""
    return Stream(Made(Name(f"numpy.{ARRAY_NAME}"), {}, call.place))


def pairs(call: Call) -> Any:
    """archive.items()."""
    name = Made(Name(f"numpy.{ARRAY_NAME}"), {}, call.place)
    return Stream((name, of_archive(call.of, name)))


def same(call: Call) -> Any:
    """table.to_numpy(), astype, copy: the same values."""
    return call.of


def made(call: Call) -> Any:
    """pandas.DataFrame({"file": files, "label": labels}), and of a history, its curves."""
    held = call.get(0, "data")
    keys = [key for key in held if isinstance(key, str)] if isinstance(held, dict) else []
    of_files = any(FILE_WORDS & set(words_in(key)) for key in keys)
    if not of_files or not any(key.lower() in LABEL_KEYS for key in keys):
        return curves(call)
    parts = [value.parts for value in held.values() if isinstance(value, Data)]
    source = parts[0] if parts else frozenset({Part(call.reading.fresh("frame"), "all")})
    return of_rows(Data("pairs", source, sure=False), (), call.place)


def fewer(call: Call) -> Any:
    """table.drop_duplicates("file"), dropna(): what is left of the rows."""
    return with_rows(call.of, call.of.fields["rows"].cut(Cut(call.reading.fresh("left"))))


def in_other_order(call: Call) -> Any:
    """table.sort_values("file")."""
    return with_rows(call.of, call.of.fields["rows"].shuffle(call.reading.fresh("sorted")))


def taken_out(call: Call) -> Any:
    """table.pop("label")."""
    return column_of(call.of, call.get(0))


def without(call: Call) -> Any:
    """table.drop("label", axis=1): what is left are the images; table.drop(drawn.index): rows that were not drawn."""
    given = call.get("columns", "labels", "index", 0)
    drawn = rows_of(given.get("of")) if isinstance(given, Made) and given.kind == "Index" else None
    if drawn is not None:
        return others(call, drawn)
    name = given[0] if isinstance(given, list) and len(given) == 1 else given
    by_columns = "columns" in call.named or call.get("axis", 1) in (1, "columns")
    found = column_of(call.of, name) if by_columns and isinstance(name, str) else None
    return column_of(call.of, slice(1, None)) if found is not None else call.unknown


def others(call: Call, drawn: Data) -> Any:
    """The rows of a table without some that were drawn from it."""
    rows = call.of.fields["rows"]
    last = [part.cuts[-1] for part in drawn.parts if part.cuts]
    ours = frozenset(replace(part, cuts=part.cuts[:-1]) for part in drawn.parts)
    if len(last) != 1 or ours != rows.parts or last[0].side != DRAWN:
        return fewer(call)
    return with_rows(call.of, rows.cut(replace(last[0], side=LEFT, role=None)))


def grouped(call: Call) -> Any:
    """table.groupby("label")."""
    return Made(Name(f"pandas.{GROUPS}"), {"of": call.of}, call.place)


def of_groups(call: Call) -> Any:
    """table.groupby("label").apply(function): the rows that it leaves of each group."""
    function = call.get(0, "func")
    from tinylens.lint.source.calling import enter

    found = enter(call.reading, function, [call.of.get("of")], {}) if isinstance(function, Function) else None
    return found if rows_of(found) is not None else call.unknown


def drawn_of_groups(call: Call) -> Any:
    """table.groupby("label").sample(n=100)."""
    return drawn(replace(call, of=call.of.get("of")))


def drawn(call: Call) -> Any:
    """table.sample(frac=0.8, random_state=1). Where rows may be put back, some are drawn more than once."""
    rows = call.of.fields["rows"]
    share, seed = (number(call.get("n", 0)), number(call.get("frac", 1))), call.get("random_state")
    if call.get("replace", default=False) is not False:
        return with_rows(call.of, rows.with_copies(call.reading.fresh(BEHIND)))
    known = number(seed)
    order = f"sample {share} seed {known}" if known is not None else drawn_order(call, "sample")
    return with_rows(call.of, rows.shuffle(order) if share[1] == 1 else rows.cut(Cut(order, DRAWN)).shuffle(order))


def together(call: Call) -> Any:
    """pandas.concat([one, other]): the rows of all."""
    objects = call.get(0, "objs")
    if isinstance(objects, Stream) and rows_of(objects.item) is not None:
        return objects.item
    given = items_of(objects) or []
    rows = [one for one in map(rows_of, given) if one is not None]
    if not rows or len(rows) != len(given) or call.get("axis", 1, default=0) not in (0, "index"):
        return call.unknown
    found = concatenated(replace(call, args=[rows], named={}))
    return with_rows(given[0], found) if isinstance(found, Data) else call.unknown


FUNCTIONS = {
    "pandas:read_csv": read,
    "numpy:loadtxt": read,
    "numpy:genfromtxt": read,
    "pandas:DataFrame": made,
    "pandas:concat": together,
    "h5py:File": of_h5,
}
METHODS = {
    f"{ARCHIVE}.keys": names,
    f"{ARCHIVE}.items": pairs,
    **{f"Table.{name}": same for name in (
        "to_numpy", "astype", "copy", "as_matrix", "to", "reset_index", "rename", "fillna", "set_index")},
    **{f"Table.{name}": fewer for name in ("drop_duplicates", "dropna", "query", "head", "tail", "filter", "nlargest")},
    "Table.sort_values": in_other_order,
    "Table.sample": drawn,
    "Table.groupby": grouped,
    "Groups.sample": drawn_of_groups,
    "Groups.apply": of_groups,
    "Table.pop": taken_out,
    "Table.drop": without,
}  # fmt: skip
