"""Lint: mistakes of method, in a run, in a recipe, and in source. A rule is a file in `rules`, found by being there."""

import importlib
import pkgutil
from types import ModuleType
from typing import Literal

from tinylens.lint import rules
from tinylens.lint.finding import Finding, Rule

Subject = Literal["run", "source"]
SUBJECTS: tuple[Subject, ...] = ("run", "source")

__all__ = ["Finding", "Rule", "codes", "rule_modules", "rule_names"]


def rule_names(subject: Subject) -> list[str]:
    """The names of all rules for runs (and recipes), or for source."""
    package = importlib.import_module(f"{rules.__name__}.{subject}")
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def rule_modules(subject: Subject) -> list[ModuleType]:
    """The rules themselves, in the order of their codes: each has RULE and check."""
    found = [importlib.import_module(f"{rules.__name__}.{subject}.{name}") for name in rule_names(subject)]
    return sorted(found, key=lambda module: module.RULE.code)


def codes() -> dict[str, Rule]:
    """All rules by their codes."""
    return {module.RULE.code: module.RULE for subject in SUBJECTS for module in rule_modules(subject)}
