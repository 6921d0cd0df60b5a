"""What every command has in common: its options, and how results are printed."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter

from tinylens.words import percent


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    """Options of every command."""

    json: Annotated[bool, Parameter(negative="", help="Print one JSON document on stdout.")] = False
    debug: Annotated[bool, Parameter(negative="", help="Show the traceback of an error.")] = False


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False), file=sys.__stdout__)


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """A table on stdout, as wide as it needs where it goes into a file. right: headings of columns set to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(str(value) for value in row))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 1000
    console.print(table)


def interval(figures: dict[str, Any] | None) -> str:
    """Accuracy with its 95 % interval, or a dash."""
    if figures is None:
        return "–"
    low, high = figures["interval"]
    return f"{percent(figures['accuracy'])} ({percent(low)} – {percent(high)})"
