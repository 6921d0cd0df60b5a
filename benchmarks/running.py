"""Measurements: each is a process of its own, and nothing else of the benchmark runs meanwhile."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bystanders import Bystanders
from environments import last_line, python_of
from tinylens.errors import TinylensError, UsageError

HERE = Path(__file__).parent
LONGEST = 600  # seconds for a measurement with all that is around it


@dataclass(frozen=True)
class Side:
    """One of those that are compared.

    script: what measures. peer: the environment that it runs in; None: that of Tinylens. given: what the script is told
    beside its job. variables: of the process.
    """

    name: str
    script: str
    peer: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


def chosen(sides: Sequence[Side], wanted: Sequence[str], usual: int) -> list[Side]:
    """The sides of these names, in their order; the first `usual` where none is named, and every one for "all".

    Raises UsageError for a name that no side has.
    """
    names = [side.name for side in sides]
    for name in wanted:
        if name not in (*names, "all"):
            raise UsageError(f"no side is called {name!r}; there are {', '.join(names)}, or all")
    if not wanted:
        return list(sides[:usual])
    return [side for side in sides if side.name in wanted or "all" in wanted]


def measured(side: Side, job: Mapping[str, Any], envs: Path, longest: float = LONGEST) -> dict[str, Any]:
    """What a side found of a job, or the error with which it failed; and what other processes took meanwhile.

    longest: seconds after which it is given up.
    """
    python = python_of(side.peer, envs) if side.peer else Path(sys.executable)
    if isinstance(python, TinylensError):
        return {"side": side.name, "error": str(python), "others": None}
    bystanders = Bystanders()
    found = call(python, HERE / side.script, json.dumps({**job, **side.given}), side.variables, longest)
    return {"side": side.name, **found, "others": bystanders.share}


def call(
    python: Path, script: Path, argument: str, variables: Mapping[str, str], longest: float = LONGEST
) -> dict[str, Any]:
    """What a script prints as JSON in its last line, or the error with which it failed."""
    command = [str(python), str(script), argument]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=process(variables), timeout=longest
        )
    except subprocess.TimeoutExpired:
        return {"error": f"not done after {longest:.0f} s"}
    if done.returncode:
        return {"error": last_line(done.stderr)}
    try:
        return json.loads(last_line(done.stdout))
    except ValueError:
        return {"error": f"it printed no JSON but {last_line(done.stdout)}"}


def process(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a measuring process: it finds the benchmarks' own modules, clock and all."""
    paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": os.pathsep.join(paths), **variables}
