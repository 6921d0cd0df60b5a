"""Parsing: a cell as a syntax tree, read as far as it can be: what is broken is mended or left out, and told of."""

import ast
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress

from tinylens.lint.source.cells import Cell, Passage, without_magics

MENDINGS = 40  # at most, in one cell
NO_TREE = (SyntaxError, ValueError, RecursionError, MemoryError)


def parse(cell: Cell) -> tuple[list[ast.stmt], list[Passage]]:
    """The statements of a cell, and a line about each part of it that had to be mended or left out."""
    with suppress(*NO_TREE):
        return tree(cell.text).body, []
    lines = without_magics(cell.text).split("\n")
    told: dict[int, str] = {}
    for _ in range(MENDINGS):
        try:
            return tree("\n".join(lines)).body, [Passage(told[line], cell.place(line)) for line in told]
        except SyntaxError as error:
            if not mended(lines, error, told):
                break
        except (ValueError, RecursionError, MemoryError):
            break
    statements, left_out = by_chunks(lines)
    if not cell.sure and not statements:
        return [], []
    about = [Passage(told[line], cell.place(line)) for line in told]
    return statements, about + ([Passage(why, cell.place(line)) for line, why in left_out[:1]] if cell.sure else [])


def tree(text: str) -> ast.Module:
    """The syntax tree of a text. An invalid escape in their strings is no concern of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def mended(lines: list[str], error: SyntaxError, told: dict[int, str]) -> bool:
    """Mend the line that cannot be read, where it is clear how; say so once, at the first."""
    at = (error.lineno or 0) - 1
    if not 0 <= at < len(lines):
        return False
    if "Missing parentheses in call to 'print'" in error.msg:
        found = re.match(r"(.*?)\bprint\b\s*(.*)", lines[at])
        if not found or not lines[at].strip().startswith("print"):
            return False
        said, comment = without_comment(found[2])
        lines[at] = f"{found[1]}print({said.removeprefix('>>').rstrip(';, ')}){comment}"
        told.setdefault(min(told, default=at + 1), "this is Python 2; it was read as Python 3 as far as that goes")
        return True
    header = re.search(r"expected an indented block after .* on line (\d+)", error.msg)
    if header:
        above = lines[int(header[1]) - 1]
        lines[at] = " " * (len(above) - len(above.lstrip()) + 1) + lines[at].lstrip()
        told[at + 1] = "an indented line was expected here; it was read as if it were indented"
        return True
    return False


def without_comment(code: str) -> tuple[str, str]:
    """A line of code, and the comment at its end."""
    found = re.match(r"((?:[^#'\"]|'[^']*'|\"[^\"]*\")*)(#.*)?$", code)
    return (found[1], f"  {found[2]}") if found and found[2] else (code, "")


def by_chunks(lines: list[str]) -> tuple[list[ast.stmt], list[tuple[int, str]]]:
    """The statements at the outermost level that can be read, each by itself, and where others could not be."""
    statements: list[ast.stmt] = []
    left_out = []
    waiting = [(first, last, True) for first, last in chunks(lines, 0, len(lines))][::-1]
    while waiting:
        first, last, whole = waiting.pop()
        try:
            statements += tree("\n" * first + "\n".join(lines[first:last])).body
        except NO_TREE as error:
            parts = list(chunks(lines, first, last, brackets=False)) if whole else []
            if len(parts) > 1:  # a bracket that is never closed took what follows with it
                waiting += [(start, end, False) for start, end in parts[::-1]]
                continue
            why = f"not Python, left out: {getattr(error, 'msg', None) or 'it cannot be read'}"
            left_out.append((getattr(error, "lineno", None) or first + 1, why))
    return statements, left_out


def chunks(lines: list[str], first: int, last: int, *, brackets: bool = True) -> Iterator[tuple[int, int]]:
    """Stretches of lines that begin at the margin and go on over what is indented, open or continued below.

    brackets: whether an open one keeps lines together.
    """
    start, depth = first, 0
    for i in range(first, last):
        line = lines[i]
        begins = line[:1].strip() and line[0] not in ")]}#" and not re.match(r"(else|elif|except|finally)\b", line)
        if begins and depth <= 0 and i > start and not lines[i - 1].lstrip().startswith("@"):
            yield start, i
            start, depth = i, 0
        code = re.sub(r"'[^']*'|\"[^\"]*\"|#.*", "", line)
        depth += (sum(map(code.count, "([{")) - sum(map(code.count, ")]}"))) if brackets else 0
        depth = 1 if code.rstrip().endswith("\\") and depth <= 0 else depth
    yield start, last
