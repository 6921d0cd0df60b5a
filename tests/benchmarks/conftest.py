"""The benchmarks' modules, which lie beside the package, and a data file of each."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MACHINE = {"machine": "Linux x86_64, a processor", "cores": 2, "memory_bytes": 2**34, "why": "it has bfloat16"}
SYSTEM = {"system": "Linux-6", "python": "3.11.7", "load_average": "0.00, 0.00, 0.00"}


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Import a module of the benchmarks by its name."""
    for folder in ("ours", "peers", "."):
        monkeypatch.syspath_prepend(BENCHMARKS / folder)
    return import_module


@pytest.fixture
def record() -> Callable[..., dict[str, Any]]:
    """Makes what a data file holds: record(command, measurements, key=value, ...)."""

    def make(command: str, rows: list[dict[str, Any]], **settings: Any) -> dict[str, Any]:
        about = {
            "when": "2026-01-02T03:04:05+00:00",
            "command": f"python benchmarks {command}",
            "seconds": 2,
            "rounds": 3,
        }
        return about | settings | {"machine": MACHINE | SYSTEM, "images": ["noise"], "measurements": rows}

    return make


@pytest.fixture
def page(module: Callable[[str], ModuleType], tmp_path: Path) -> Callable[..., str]:
    """Writes the page from data files, page(name=record, ...), and reads it; dashes are underscores here."""

    def write(**records: dict[str, Any]) -> str:
        for name, value in records.items():
            (tmp_path / f"{name.replace('_', '-')}.json").write_text(json.dumps(value))
        module("page").page(results=tmp_path, out=tmp_path / "speed.md")
        return (tmp_path / "speed.md").read_text()

    return write
