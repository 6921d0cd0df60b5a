"""Cells: the pieces of Python in a script, a notebook, or a page of text, each with the place where it stands."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tinylens.errors import UsageError, one_line

LARGEST = 20_000_000  # bytes of a file that is read; a notebook's pictures count
KEEP = ("time", "timeit", "capture", "prun")  # cell magics whose cell is Python all the same
PROMPT = re.compile(r"\s*In\s?\[(\d+|None| |\*)?\]:\s?(.*)")
FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*\{?\.?(\w*)")
HIGHLIGHT = re.compile(r"\s*\{%-?\s*(end)?highlight\s*(\w*)")
PYTHON = ("python", "python3", "py", "python2", "ipython", "ipython3", "")
INDENT = 4  # of a block of code in Markdown


@dataclass(frozen=True)
class Place:
    """Where something stands. line: from 1, in the file, or in the cell where a notebook's cell, from 1, is given."""

    line: int
    cell: int | None = None

    def __str__(self) -> str:
        return f"line {self.line}" if self.cell is None else f"cell {self.cell}, line {self.line}"

    @property
    def order(self) -> tuple[int, int]:
        """To sort by."""
        return (self.cell or 0, self.line)


@dataclass(frozen=True)
class Cell:
    """A piece of Python. first: the line of the file, or of the notebook's cell, at which its text begins.

    sure: whether it says that it is Python; the rest of a page may be output.
    """

    text: str
    first: int = 1
    number: int | None = None
    sure: bool = True

    def place(self, line: int) -> Place:
        """The place of a line of the text, from 1."""
        return Place(self.first + line - 1, self.number)


@dataclass(frozen=True)
class Passage:
    """A line of what is no code: prose, or what a cell printed."""

    text: str
    place: Place


@dataclass
class Document:
    """What a file holds: its Python, its prose, and what its cells printed."""

    cells: list[Cell] = field(default_factory=list)
    prose: list[Passage] = field(default_factory=list)
    printed: list[Passage] = field(default_factory=list)
    interactive: bool = True  # the last expression of a cell is shown


def read_document(path: Path) -> Document:
    """The document in a .py or .ipynb file, or in a page (.md, .txt, .rst) with code. Raises UsageError for others."""
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path} is too large to be source: {path.stat().st_size / 1e6:.0f} MB")
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ").replace("\f", " ")
    if path.suffix == ".ipynb":
        return from_notebook(path, text)
    if path.suffix in (".py", ".pyw"):
        return Document([Cell(text)], interactive=False)
    return from_page(text)


def from_notebook(path: Path, text: str) -> Document:
    """The document in a notebook. Raises UsageError where it is none."""
    try:
        notebook = json.loads(text)
        raw = notebook["cells"] if "cells" in notebook else [c for w in notebook["worksheets"] for c in w["cells"]]
        found = Document()
        for number, cell in enumerate(raw, 1):
            add_cell(found, number, cell)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} is not a notebook: {one_line(error)}") from None
    return found


def add_cell(found: Document, number: int, cell: dict[str, Any]) -> None:
    """Put one cell of a notebook where it belongs."""
    text = joined(cell.get("source", cell.get("input", "")))
    if cell.get("cell_type") == "code":
        found.cells.append(Cell(text, number=number))
        for output in cell.get("outputs", []):
            said = output.get("text") or (output.get("data") or {}).get("text/plain") or ""
            found.printed += passages(joined(said).split("\n"), 1, number)
    elif cell.get("cell_type") == "markdown":
        found.prose += passages(text.split("\n"), 1, number)


def joined(text: Any) -> str:
    """A notebook's text: one string, or a list of lines."""
    return text if isinstance(text, str) else "".join(map(str, text))


def passages(lines: list[str], first: int, number: int | None = None) -> list[Passage]:
    """Lines with their places, without the empty ones."""
    return [Passage(line, Place(i, number)) for i, line in enumerate(lines, first) if line.strip()]


def without_magics(text: str) -> str:
    """The text with IPython's own lines as comments, so that every line keeps its number."""
    lines = text.split("\n")
    head = next((line.strip() for line in lines if line.strip()), "")
    if head.startswith("%%") and not head[2:].startswith(KEEP):
        return "\n".join("#" + line for line in lines)
    return "\n".join(map(without_magic, lines))


def without_magic(line: str) -> str:
    """A line of Python, or a comment in its place (and `pass`, as it may be all that a block has)."""
    stripped = line.lstrip()
    if stripped.startswith(("%", "!", "?")) or re.fullmatch(r"[\w.]+\?{1,2}\s*", stripped):
        return line[: len(line) - len(stripped)] + "pass  #" + stripped
    found = re.fullmatch(r"(\s*\w+\s*=\s*)[!%]\w.*", line)  # files = !ls
    return f"{found[1]}None" if found else line


def from_page(text: str) -> Document:
    """The document in a page of text: cells after `In [1]:`, else between fences, else indented, else all of it."""
    lines = text.split("\n")
    blocks = list(prompted(lines)) or list(fenced(lines)) or list(indented(lines))
    if not blocks:
        return Document([Cell(text, sure=False)])
    found, taken = Document(), set()
    for first, last, sure in blocks:
        cell = [PROMPT.sub(r"\2", line) if PROMPT.match(line) else line for line in lines[first:last]]
        found.cells.append(Cell("\n".join(dedented(cell)), first + 1, sure=sure))
        taken |= set(range(first, last))
    rest = [Passage(line, Place(i + 1)) for i, line in enumerate(lines) if i not in taken and line.strip()]
    found.printed = rest
    found.prose = [passage for passage in rest if not passage.text.startswith(" " * INDENT)]
    return found


def prompted(lines: list[str]) -> Iterator[tuple[int, int, bool]]:
    """Blocks after the prompts of a notebook that was printed as text: first line, line after the last, sure.

    Where such a cell ends is not marked: it is taken to end with the last paragraph up to which it is Python.
    """
    starts = [i for i, line in enumerate(lines) if PROMPT.match(line)]
    for start, following in pairwise([*starts, len(lines)]):
        ends = [i for i in range(start + 1, following) if not lines[i].strip()] + [following]
        first = start if PROMPT.sub(r"\2", lines[start]).strip() else start + 1
        readable = [end for end in ends if end > first and is_python(lines[first:end])]
        yield first, max(readable, default=ends[min(1, len(ends) - 1)]), True


def is_python(lines: list[str]) -> bool:
    """Whether lines can be read as they are, but for IPython's own."""
    clean = [PROMPT.sub(r"\2", line) if PROMPT.match(line) else line for line in lines]
    try:
        compile(without_magics("\n".join(dedented(clean))), "cell", "exec", flags=0x400, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def fenced(lines: list[str]) -> Iterator[tuple[int, int, bool]]:
    """Blocks between fences, or between Jekyll's highlight tags, that say they are Python, or say nothing."""
    start, language = None, ""
    for i, line in enumerate(lines):
        fence, tag = FENCE.match(line), HIGHLIGHT.match(line)
        word = (tag[2] if tag else fence[2] if fence else "").lower()
        if not fence and not tag:
            continue
        if start is not None and language in PYTHON:
            yield start, i, bool(language)
        closes = tag[1] if tag else start is not None and not word  # a second opening closes one that was left open
        start, language = (None, "") if closes else (i + 1, word)
    if start is not None and language in PYTHON:
        yield start, len(lines), bool(language)


def indented(lines: list[str]) -> Iterator[tuple[int, int, bool]]:
    """Blocks of lines that are indented as code is in Markdown."""
    start, last = None, 0
    for i, line in enumerate([*lines, "."]):
        if line.expandtabs().startswith(" " * INDENT) and line.strip():
            start, last = (i if start is None else start), i + 1
        elif line.strip() and start is not None:
            yield start, last, False
            start = None


def dedented(lines: list[str]) -> list[str]:
    """Lines less the indentation that all of them have."""
    spread = [line.expandtabs() for line in lines]
    least = min((len(line) - len(line.lstrip()) for line in spread if line.strip()), default=0)
    return [line[least:] for line in spread] if least else lines
