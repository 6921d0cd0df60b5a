"""What recipes reach, from run directories: accuracy on the test images and time, with n and spread."""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from record import RESULTS
from tinylens.console import say
from tinylens.errors import UsageError
from tinylens.files import write_json
from tinylens.results import runs_in
from tinylens.results.account import Account, sorted_out
from tinylens.results.group import Group, grouped
from tinylens.results.page import command_of
from tinylens.runs import now


def recipes(*folders: Path, out: Path = RESULTS / "recipes.json") -> None:
    """Read run directories and keep what the recipes reached, runs that differ by their seed together.

    For example:

      python benchmarks recipes runs

    Parameters
    ----------
    folders
        Run directories, or folders that hold some.
    out
        The data file.
    """
    if not folders:
        raise UsageError("name run directories, or folders that hold some")
    found = sorted_out(runs_in(folders))
    if not found.judged:
        raise UsageError(f"no run in {', '.join(map(str, folders))} was judged on its test images")
    write_json(out, {"when": now(), "groups": [told(group) for group in grouped(found.judged)]})
    for line in [*found.reasons, *(f"{one['run']} left out: {one['error']}" for one in found.broken)]:
        say(line)


def told(group: Group) -> dict[str, Any]:
    """A group as plain values."""
    accuracies = [account.test.value for account in group.accounts if account.test]
    return {
        "recipe": group.name,
        "data": group.data,
        "parameters": group.parameters,
        "seeds": [account.run.recipe.seed for account in group.accounts],
        "epochs": [len(account.history) for account in group.accounts],
        "accuracies": accuracies,
        "mean": mean(accuracies),
        "deviation": stdev(accuracies) if len(accuracies) > 1 else None,
        "intervals": [list(account.test.interval) for account in group.accounts if account.test],
        "seconds": [account.seconds for account in group.accounts],
        "looking": [account.looking for account in group.accounts],
        "command": command_of(group),
        "hardware": machines(group.accounts),
        "versions": sorted({account.versions for account in group.accounts}),
    }


def machines(accounts: Sequence[Account]) -> list[str]:
    """The hardware that runs were trained with."""
    about = (account.hardware for account in accounts)
    return sorted({f"{h['device_name']}, {h['threads']} threads, {h['precision']}" for h in about})
