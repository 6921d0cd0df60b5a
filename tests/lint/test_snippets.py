"""The rules for source on many short pieces, each with one mistake, or with what only looks like one."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tinylens.lint.source.linting import lint_source

SHY = {"TL211", "TL505"}  # notes, which most pieces would have


@dataclass(frozen=True)
class Snippet:
    """A piece of a script. expected: the codes of all that is to be found."""

    title: str
    code: str
    expected: frozenset[str]


def snippets() -> list[Snippet]:
    """Those in snippets.txt, with their preludes."""
    parts = re.split(r"^=== ", (Path(__file__).parent / "snippets.txt").read_text(), flags=re.MULTILINE)[1:]
    found, preludes = [], {"": ""}
    for part in parts:
        head, _, code = part.partition("\n")
        if head.startswith("prelude "):
            preludes[head.removeprefix("prelude ")] = code
            continue
        title, _, codes = head.partition(" -> ")
        name, _, prelude = title.rstrip("]").partition(" [")
        found.append(Snippet(name, preludes[prelude] + code, frozenset(codes.split()) - {"nothing"}))
    return found


@pytest.mark.parametrize("snippet", snippets(), ids=lambda snippet: snippet.title)
def test_a_snippet_has_the_findings_that_it_says_and_no_others(snippet: Snippet, tmp_path: Path) -> None:
    (tmp_path / "snippet.py").write_text(snippet.code)
    found = {finding.code for finding in lint_source(tmp_path / "snippet.py")}
    assert found - (SHY - snippet.expected) == snippet.expected
