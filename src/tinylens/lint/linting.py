"""Linting a run or a recipe: what every rule finds; in a run it is also written down."""

from collections.abc import Iterable
from dataclasses import asdict

from tinylens.data import Splits
from tinylens.lint import rule_modules
from tinylens.lint.case import Case
from tinylens.lint.finding import Finding
from tinylens.lint.silencing import known_codes, silence
from tinylens.recipe import Recipe
from tinylens.runs import Run


def lint(run: Run, splits: Splits | None = None, ignore: Iterable[str] = ()) -> list[Finding]:
    """What every rule finds in the run; it is also written into the run.

    splits: its images, without which some rules are silent. ignore: codes to silence beside those of the recipe.
    """
    findings = judged(Case(run.recipe, run, splits), ignore)
    run.write_findings([asdict(finding) for finding in findings])
    return findings


def lint_recipe(recipe: Recipe, ignore: Iterable[str] = ()) -> list[Finding]:
    """What every rule finds in a resolved recipe, without training it."""
    return judged(Case(recipe), ignore)


def judged(case: Case, ignore: Iterable[str]) -> list[Finding]:
    """What every rule finds in a case, those marked that are silenced by the recipe or by the call."""
    found = [finding for module in rule_modules("run") for finding in module.check(case)]
    ordered = sorted(found, key=lambda finding: finding.code)
    by_recipe = silence(ordered, known_codes([case.recipe.silence]), "the recipe's silence")
    return silence(by_recipe, known_codes(ignore), "--ignore")
