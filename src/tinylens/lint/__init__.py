"""Lint: mistakes of method in a run. A rule is a file in `rules`, found by being there."""

import importlib
import pkgutil
from dataclasses import asdict

from tinylens.lint import rules
from tinylens.lint.finding import Finding
from tinylens.runs import Run


def rule_names() -> list[str]:
    """The names of all rules."""
    return sorted(module.name for module in pkgutil.iter_modules(rules.__path__))


def lint(run: Run) -> list[Finding]:
    """What every rule finds in the run; it is also written into the run."""
    modules = [importlib.import_module(f"{rules.__name__}.{name}") for name in rule_names()]
    findings = sorted((f for module in modules for f in module.check(run)), key=lambda f: f.code)
    run.write_findings([asdict(finding) for finding in findings])
    return findings
