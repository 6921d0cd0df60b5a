"""What commands have in common: their options, and how results are printed."""

import csv
import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter

from tinylens.errors import UsageError
from tinylens.words import MARK, with_interval

NUMBER = r"(\d+(?:\.\d+)?)"
TIME = re.compile(rf"(?:{NUMBER}h)?(?:{NUMBER}m)?(?:{NUMBER}s)?")


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    """Options of every command."""

    json: Annotated[bool, Parameter(negative="", help="Print one JSON document on stdout.")] = False
    debug: Annotated[bool, Parameter(negative="", help="Show the traceback of an error.")] = False


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False), file=sys.__stdout__)


def print_csv(rows: Iterable[Sequence[object]]) -> None:
    """Rows on stdout as CSV."""
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows)


def print_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    right: Sequence[str] = (),
    footer: Sequence[Sequence[object]] = (),
) -> None:
    """A table on stdout, as wide as it needs where it goes into a file.

    right: headings of columns set to the right. footer: rows below a line.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(str, row))
    if footer:
        table.add_section()
    for row in footer:
        table.add_row(*map(str, row))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 1000
    console.print(table)


def interval(figures: dict[str, Any] | None, *, marked: bool = False) -> str:
    """Accuracy with its 95 % interval, or a dash. marked: selection looked at the images that it is of."""
    if figures is None:
        return "–"
    return with_interval(figures["accuracy"], figures["interval"]) + (MARK if marked else "")


def assignment(text: str, option: str, example: str) -> tuple[str, str]:
    """FIELD=VALUE as its two sides. Raises UsageError, naming the option and an example of it, for anything else."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"{option} takes FIELD=VALUE, as in {option} {example}, not {text!r}")
    return name.strip(), value.strip()


def seconds_in(text: str) -> float:
    """The seconds of a time such as 90s, 10m or 1h30m. Raises UsageError for anything else."""
    found = TIME.fullmatch(text.strip().lower())
    if not found or not any(found.groups()):
        raise UsageError(f"--time takes hours, minutes and seconds, as 1h30m, 10m or 90s, not {text!r}")
    return sum(unit * float(number) for unit, number in zip((3600, 60, 1), found.groups(), strict=True) if number)


def settings(assignments: Sequence[str] | None) -> dict[str, str]:
    """What --set was given. Raises UsageError where a field is there twice."""
    found: dict[str, str] = {}
    for text in assignments or ():
        field, value = assignment(text, "--set", "optimizer.lr=0.01")
        if field in found:
            raise UsageError(f"--set {field} is there twice; give it one value")
        found[field] = value
    return found
