"""What a data file says of a measuring: command, time and machine, and what is wrong with single measurements."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinylens.catalogue import examine
from tinylens.runs import environment
from tinylens.words import percent

RESULTS = Path(__file__).parent / "results"
DISTURBED = 0.05  # share of the processors' time
Rows = Sequence[dict[str, Any]]


def about(**settings: Any) -> dict[str, Any]:
    """What the data file says of the whole; no measurement yet. settings: how long was measured, and how often."""
    found, now = examine(), environment()
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    machine = {key: found[key] for key in ("machine", "memory_bytes", "why", "python")}
    machine |= {"system": now["system"], "cores": now["cores"], "load_average": load}
    command = shlex.join(["python", "benchmarks", *sys.argv[1:]])
    return {"when": now["when"], "command": command, **settings, "machine": machine, "images": [], "measurements": []}


def went_well(row: dict[str, Any]) -> bool:
    """Whether a measurement came to its end."""
    return "error" not in row


def troubles(row: dict[str, Any]) -> list[str]:
    """What is wrong with a measurement."""
    said = [f"failed: {row['error']}"] if not went_well(row) else []
    if (row["others"] or 0) > DISTURBED:
        said.append(f"disturbed: other processes took {percent(row['others'])} of the processors' time")
    return said


def model(row: dict[str, Any]) -> tuple[str, str]:
    """Recipe and settings, as people write them."""
    settings = ", ".join(f"{name}={str(value).lower()}" for name, value in row["settings"].items())
    return row["recipe"], settings or "–"


def figure(value: float) -> str:
    """A speed, with a decimal where it is low."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
