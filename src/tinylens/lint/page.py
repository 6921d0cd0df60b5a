"""The page of the rules: what each looks for and why, and what each finds in the sources that it was run on."""

import inspect
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from tinylens.errors import UsageError
from tinylens.files import write_text
from tinylens.lint import rule_modules
from tinylens.lint.targets import Linted

HEAD = """# Lint

`tinylens lint` looks for mistakes of method in runs, recipes, scripts and notebooks. Scripts and notebooks are read,
never run. This page is written by `tinylens lint FOLDER --page docs/lint.md`; what it found in the sources of that
folder stands below.

A rule has a code that stays. An **error** makes a result wrong, a **warning** makes it doubtful or is work for nothing,
and a **note** is worth knowing. The exit status is 0 where there is nothing but notes, 1 where there is more, 2 where a
target cannot be read. Where a rule is not sure, it is silent.

A finding is silenced by its code: `# tinylens: ignore TL203` at the end of its line, `--ignore TL203`, or the field
`silence` of a recipe (`--set silence=TL104,TL111`). Silenced findings are still counted, and shown as silenced.
"""


def write_page(found: Sequence[Linted], path: Path) -> None:
    """Write the page. Raises UsageError for a file that is not Markdown."""
    if path.suffix != ".md":
        raise UsageError(f"--page takes a Markdown file (.md), not {path}")
    sources = [one for one in found if one.kind == "source"]
    parts = [HEAD, "## Rules\n", *rule_table(), *found_table(sources)]
    parts += [section(module) for subject in ("source", "run") for module in rule_modules(subject)]
    write_text(path, "\n".join(parts).rstrip() + "\n")


def rule_table() -> list[str]:
    """All rules in a row each."""
    lines = ["| code | | looks for |", "| --- | --- | --- |"]
    for subject, what in (("source", "source"), ("run", "runs and recipes")):
        for module in rule_modules(subject):  # type: ignore[arg-type]
            rule = module.RULE
            lines.append(f"| [{rule.code}](#{rule.code.lower()}) | {rule.severity}, {what} | {rule.title} |")
    return [*lines, ""]


def found_table(sources: Sequence[Linted]) -> list[str]:
    """A row for each rule that finds something, a column for each source: the lines, or a dash."""
    if not sources:
        return []
    names = [Path(one.name).name for one in sources]
    heads = [f"[{i}]" for i in range(len(names))]
    lines = ["## What was found\n", *(f"- {head} `{name}`" for head, name in zip(heads, names, strict=True)), ""]
    lines += [f"| rule | {' | '.join(heads)} |", "| --- |" + " --- |" * len(names)]
    for code, title in titles(sources):
        cells = [places(one, code) for one in sources]
        lines.append(f"| {code} {title} | {' | '.join(cells)} |")
    return [*lines, "", "Numbers are lines; a dash is: not found.\n"]


def titles(sources: Sequence[Linted]) -> list[tuple[str, str]]:
    """The code and title of every rule for source, and of what else was found in these."""
    known = {module.RULE.code: module.RULE.title for module in rule_modules("source")}
    extra = {finding.code: finding.title for one in sources for finding in one.findings}
    return sorted((known | extra).items())


def places(linted: Linted, code: str) -> str:
    """The lines at which a rule finds something in a source."""
    return ", ".join(finding.where for finding in linted.findings if finding.code == code) or "–"


def section(module: ModuleType) -> str:
    """The page of one rule: its docstring, when it fires, and the remedy."""
    rule = module.RULE
    _, _, text = (inspect.getdoc(module) or "").partition("\n")
    fires = (inspect.getdoc(module.check) or "").strip()
    head = f'## <a id="{rule.code.lower()}"></a>{rule.code} {rule.title}'
    return f"{head}\n\n{text.strip()}\n\n{fires}\n\nRemedy: {rule.remedy}.\n"
