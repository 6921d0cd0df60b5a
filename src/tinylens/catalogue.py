"""What there is: the recipes, and the machine that they would run on."""

import inspect
import os
import platform
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tinylens import recipes
from tinylens.data.library import data_folders, entries
from tinylens.data.sources import known
from tinylens.files import cache_folder
from tinylens.hardware import choose_hardware
from tinylens.networks.table import layer_table, parameter_count
from tinylens.recipe import Recipe
from tinylens.runs import environment


def all_recipes() -> list[dict[str, Any]]:
    """A line for each recipe that comes with Tinylens."""
    return [summary(name, recipes.find(name)) for name in recipes.names()]


def summary(name: str, kind: type[Recipe]) -> dict[str, Any]:
    """A recipe's name, its size on its own data, its source and what that published."""
    recipe = kind.resolve({})
    network = recipe.build((recipe.image_size, recipe.image_size), known()[kind.data].classes)
    return {
        "name": name,
        "parameters": parameter_count(network),
        "data": kind.data,
        "source": kind.source,
        "published": kind.published.accuracy if kind.published else None,
    }


def describe(name: str) -> dict[str, Any]:
    """All there is to tell of a recipe: text, layers, fields."""
    kind = recipes.find(name)
    recipe = kind.resolve({})
    size = recipe.image_size, recipe.image_size
    network = recipe.build(size, known()[kind.data].classes)
    return summary(name, kind) | {
        "about": inspect.getdoc(kind) or "",
        "classes": known()[kind.data].classes,
        "layers": [asdict(row) for row in layer_table(network, size)],
        "fields": [{"name": name, "value": value, "about": about} for name, value, about in recipe.fields()],
        "as_published": kind.faults,
    }


def examine(data_dir: str | Path | None = None) -> dict[str, Any]:
    """What Tinylens finds on this machine."""
    chosen = choose_hardware()
    here = Path.cwd()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return {
        "machine": f"{platform.system()} {platform.machine()}, {chosen.device_name}",
        "device": chosen.device,
        "threads": chosen.threads,
        "memory": f"{memory / 1e9:.1f} GB" if memory else "unknown",
        "precision": chosen.precision,
        "why": chosen.reason,
        "python": platform.python_version(),
        "versions": environment()["versions"],
        "data": {entry.name: entry.path or "not here" for entry in entries(data_dir)},
        "data folders": ", ".join(map(str, data_folders(data_dir))),
        "cache": str(cache_folder()),
        "disk": f"{shutil.disk_usage(here).free / 1e9:.1f} GB free here",
    }
