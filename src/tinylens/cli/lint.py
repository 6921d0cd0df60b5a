"""tinylens lint."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tinylens.cli.output import Common, print_json, settings
from tinylens.errors import UsageError
from tinylens.words import count

if TYPE_CHECKING:
    from tinylens.lint.finding import Finding
    from tinylens.lint.targets import Linted

FOUND = 1  # the exit status where something is wrong


def lint(
    *targets: str,
    ignore: Annotated[list[str] | None, Parameter(negative="")] = None,
    set: Annotated[list[str] | None, Parameter(negative="")] = None,  # it is the option's name
    data_dir: Path | None = None,
    page: Path | None = None,
    common: Common | None = None,
) -> None:
    """Look for mistakes of method in runs, recipes, scripts and notebooks, and say how to mend them.

    For example:

      tinylens lint train.py notebook.ipynb

      tinylens lint runs/cifar10-four-by-four-20260101-120000

      tinylens lint leaky-cnn --set as_published=true

      tinylens lint train.py --ignore TL211 --ignore TL202

    Scripts and notebooks of Keras and PyTorch are read, never run; pages of text (.md, .txt) by the code in them. The
    exit status is 0 where nothing is found but notes, 1 where something is, 2 where a target cannot be read. A finding
    is silenced by --ignore, by a comment `# tinylens: ignore TL203` on its line, or by a recipe's field `silence`;
    silenced findings are counted and shown as such.

    Parameters
    ----------
    targets
        Run directories, recipes, scripts, notebooks, or folders of runs or of source, with what is below them.
    ignore
        A code to silence, or several with commas. May be repeated.
    set
        FIELD=VALUE: another value for a field of recipes. May be repeated.
    data_dir
        Where to look first for downloaded data.
    page
        Write a page (.md) with all rules, and a table of what each finds in the sources given.
    """
    from tinylens.lint.targets import lint_targets

    if not targets:
        raise UsageError("lint needs a run, a recipe, a script or a notebook")
    found = lint_targets(targets, ignore or [], data_dir, settings(set))
    if page is not None:
        from tinylens.lint.page import write_page

        write_page(found, page)
    if common and common.json:
        print_json([as_json(one) for one in found])
    else:
        for one in found:
            tell(one)
    if any(finding.counts for one in found for finding in one.findings):
        raise SystemExit(FOUND)


def as_json(linted: "Linted") -> dict[str, Any]:
    """What was found in one target, as plain values with keys that stay."""
    findings = [asdict(finding) for finding in linted.findings]
    return {"target": linted.name, "kind": linted.kind, "findings": findings} | (
        {"note": linted.note} if linted.note else {}
    )


def tell(linted: "Linted") -> None:
    """Print what was found in one target: what counts in full, and what is silenced in a line each."""
    open_ones = [finding for finding in linted.findings if finding.silenced is None]
    silenced = [finding for finding in linted.findings if finding.silenced is not None]
    print(f"{linted.name}: {summary(open_ones, len(silenced))}")
    if linted.note:
        print(f"  ({linted.note})")
    for finding in open_ones:
        print(f"\n  {place(linted, finding)}{finding.code} {finding.severity}: {finding.title}")
        print(f"    found:  {finding.evidence}\n    remedy: {finding.remedy}")
    for finding in silenced:
        print(f"\n  {place(linted, finding)}{finding.code} silenced by {finding.silenced}: {finding.title}")
    print()


def place(linted: "Linted", finding: "Finding") -> str:
    """Where a finding stands, as editors read it."""
    if finding.line is None:
        return ""
    cell = "" if finding.cell is None else f"cell {finding.cell}:"
    return f"{linted.name}:{cell}{finding.line}: "


def summary(findings: list["Finding"], silenced: int) -> str:
    """How many findings there are of each severity."""
    kinds = [(severity, sum(one.severity == severity for one in findings)) for severity in ("error", "warning", "note")]
    parts = [count(number, severity) for severity, number in kinds if number]
    parts += [f"{silenced} silenced"] if silenced else []
    return ", ".join(parts) or "nothing found"
