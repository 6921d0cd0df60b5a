"""Linting source: what every rule finds in a script, a notebook, or a page with code."""

from collections.abc import Iterable
from pathlib import Path

from tinylens.lint import rule_modules
from tinylens.lint.finding import Finding, Rule
from tinylens.lint.silencing import known_codes, silence, silence_in_source
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Program
from tinylens.lint.source.reader import read_program

UNREAD = Rule(
    "TL200", "a part could not be read", "note", "mend it; the rules saw the rest only, and may have missed something"
)


def lint_source(path: str | Path, ignore: Iterable[str] = ()) -> list[Finding]:
    """What every rule finds in a .py, .ipynb or text file, by line. Nothing of theirs is run.

    ignore: codes to silence. Raises UsageError for a file that cannot be read, and for a code that no rule has.
    """
    silent = known_codes(ignore)
    program = read_program(Path(path))
    return silence(silence_in_source(findings_in(program), program.document), silent, "--ignore")


def findings_in(program: Program) -> list[Finding]:
    """What every rule finds in a program, each once for each place, by place."""
    found = [finding for module in rule_modules("source") for finding in module.check(program)]
    found += [at(UNREAD, passage.place, passage.text) for passage in program.unread]
    once = {(one.code, one.cell, one.line): one for one in reversed(found)}
    return sorted(once.values(), key=lambda one: (one.cell or 0, one.line or 0, one.code))
