"""Tables: rows, each an image or its file, and its label, in columns."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import Cut, Data, Part, Step, role_in, words_in
from tinylens.lint.source.items import LABEL_KEYS, TABLE, data_at
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.values import Made, Name, Symbol, Unknown, whole

SAME = ("values", "iloc", "loc", "T")  # members that hold the same values
CLASS_WORDS = {*LABEL_KEYS, "class", "classid", "category", "species", "genus", "breed", "kind", "diagnosis", "dx"}
FILE_WORDS = {
    "file",
    "filename",
    "filenames",
    "files",
    "path",
    "filepath",
    "paths",
    "image",
    "img",
    "images",
    "picture",
}


def read_from(file: str, place: Place) -> Made:
    """The table in a file."""
    split = role_in(file.rpartition("/")[2].partition(".")[0]) or "all"
    return of_rows(Data("pairs", frozenset({Part(f"file {file}", split)}), sure=False), (), place)


def of_rows(rows: Data, steps: tuple[Step, ...], place: Place) -> Made:
    """A table of these rows, of which all values were changed in these steps."""
    found = Made(Name(f"pandas.{TABLE}"), {}, place)
    found.fields |= dict.fromkeys(SAME, found) | {"rows": rows, "steps": steps}
    return found


def rows_of(value: Any) -> Data | None:
    """The rows of a table; None of all else."""
    return value.fields["rows"] if isinstance(value, Made) and value.kind == TABLE else None


def with_rows(held: Made, rows: Data) -> Made:
    """A table like another, of other rows."""
    return of_rows(rows, held.fields["steps"], held.place)


def on_rows(value: Any, change: Callable[[Data], Data]) -> Any:
    """What a change makes of data, or of the rows of a table; Unknown of all else."""
    rows = rows_of(value)
    if rows is not None:
        return with_rows(value, change(rows))
    return change(value) if isinstance(value, Data) else Unknown()


def at(reading: Reading, held: Made, index: Any) -> Any:
    """A column of a table, of some rows or of all; some of its rows."""
    if isinstance(index, str):
        index = (slice(None, None, None), index)
    if isinstance(index, list) and all(isinstance(one, str) for one in index):
        return held
    if not isinstance(index, tuple):
        return some_of(reading, held, index)
    found = column_of(held, index[1]) if len(index) == 2 else None
    return data_at(reading, found, index[0]) if found is not None else Unknown()


def some_of(reading: Reading, held: Made, index: Any) -> Any:
    """Rows at places, in a slice, or where something is true; one row."""
    rows = held.fields["rows"]
    if isinstance(index, int | Symbol):
        return with_rows(held, replace(rows, one=True))
    plain = isinstance(index, slice) or (isinstance(index, Data) and index.kind == "places")
    left = data_at(reading, rows, index) if plain else rows.cut(Cut(reading.fresh("mask"))).of_fewer()
    return with_rows(held, left)


def column_of(held: Made, column: Any) -> Data | None:
    """Images, where all columns but a few are asked for, or the names of files; one other column is labels.

    Whoever opens the files has the images.
    """
    rows, steps = held.fields["rows"], held.fields["steps"]
    if isinstance(column, slice) and (column.start, column.stop) != (None, None):
        return replace(rows, kind="images", steps=steps)
    if isinstance(column, str) and FILE_WORDS & set(words_in(column)):
        return replace(rows, kind="images")
    alone = whole(column) is not None or isinstance(column, str)
    return replace(rows, kind="labels", steps=steps) if alone else None
