"""Silencing: findings that somebody does not want to see again. They are counted, and shown as silenced."""

import re
from collections.abc import Iterable
from dataclasses import replace

from tinylens.errors import UsageError
from tinylens.lint import codes
from tinylens.lint.finding import Finding
from tinylens.lint.source.cells import Document

COMMENT = re.compile(r"#\s*tinylens:\s*ignore\b[:\s]*([A-Z0-9,\s]*)")
CODE = re.compile(r"TL\d{3}")


def known_codes(given: Iterable[str]) -> set[str]:
    """The codes in texts, which may have several with commas. Raises UsageError for one that no rule has."""
    wanted = {code.strip().upper() for text in given for code in text.split(",") if code.strip()}
    unknown = sorted(wanted - set(codes())) if wanted else []
    if unknown:
        raise UsageError(f"no rule {unknown[0]}; docs/lint.md lists them")
    return wanted


def silence(findings: Iterable[Finding], silent: set[str], by: str) -> list[Finding]:
    """Findings, those with one of these codes marked as silenced."""
    return [replace(one, silenced=one.silenced or by) if one.code in silent else one for one in findings]


def silence_in_source(findings: Iterable[Finding], document: Document) -> list[Finding]:
    """Findings, those marked whose line has a comment `# tinylens: ignore TL203`."""
    comments = {
        (cell.number, cell.place(number).line): set(CODE.findall(found[1]))
        for cell in document.cells
        for number, line in enumerate(cell.text.split("\n"), 1)
        if (found := COMMENT.search(line))
    }
    return [
        replace(one, silenced="a comment on its line")
        if one.code in comments.get((one.cell, one.line or 0), ())
        else one
        for one in findings
    ]
