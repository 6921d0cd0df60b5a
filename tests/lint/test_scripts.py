"""The rules for source, on scripts and notebooks as people write them.

Each line of a faulty script that a rule is to find has a comment `# -> TL203` with all the codes that it is to be found
by; a clean script has none. What is found must be that and nothing else.
"""

import json
import re
from pathlib import Path

import pytest

from tinylens.lint import rule_modules
from tinylens.lint.source.linting import lint_source

SCRIPTS = Path(__file__).parent / "scripts"
CLEAN = sorted((SCRIPTS / "clean").iterdir())
FAULTY = sorted((SCRIPTS / "faulty").iterdir())
EXPECTED = re.compile(r"# -> ((?:TL\d{3}\s*)+)")
Places = set[tuple[str, int | None, int]]


def expected(path: Path) -> Places:
    """The findings that a script or notebook says of itself it has: code, cell, line."""
    texts: list[tuple[int | None, str]] = [(None, path.read_text())]
    if path.suffix == ".ipynb":
        cells = json.loads(texts[0][1])["cells"]
        texts = [(number, "".join(cell["source"])) for number, cell in enumerate(cells, 1)]
    lines = [(number, i, line) for number, text in texts for i, line in enumerate(text.split("\n"), 1)]
    return {(code, cell, i) for cell, i, line in lines if (f := EXPECTED.search(line)) for code in f[1].split()}


def found(path: Path) -> Places:
    return {(one.code, one.cell, one.line or 0) for one in lint_source(path)}


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.name)
def test_a_clean_script_has_no_findings(path: Path) -> None:
    assert lint_source(path) == []


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.name)
def test_a_faulty_script_has_the_findings_that_it_says_and_no_others(path: Path) -> None:
    assert expected(path)
    assert found(path) == expected(path)


def test_every_rule_finds_something_in_them() -> None:
    fired = {code for path in FAULTY for code, _, _ in expected(path)}
    assert {module.RULE.code for module in rule_modules("source")} - fired == set()
