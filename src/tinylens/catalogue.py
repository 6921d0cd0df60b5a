"""What there is: the recipes, and the machine that they would run on."""

import inspect
import os
import platform
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from tinylens import recipes
from tinylens.data.library import data_folders, entries
from tinylens.data.sources import known
from tinylens.files import cache_folder
from tinylens.hardware import choose_hardware
from tinylens.networks.table import layer_table, parameter_count
from tinylens.optim.optimizers import Optimizer
from tinylens.optim.schedules import Schedule
from tinylens.pixels.augment import Augment
from tinylens.pixels.preprocess import Preprocess
from tinylens.recipe import told
from tinylens.runs import environment


def all_recipes() -> list[dict[str, Any]]:
    """A line for each recipe that comes with Tinylens."""
    lines = [describe(name) for name in recipes.names()]
    return [{key: line[key] for key in ("name", "parameters", "data", "source", "published")} for line in lines]


def describe(name: str) -> dict[str, Any]:
    """All there is to tell of a recipe: size on its own data, source, text, layers, fields.

    A user's recipe whose data is not known by name is shown with ten classes.
    """
    kind = recipes.find(name)
    recipe = kind.resolve({})
    size = recipe.image_size, recipe.image_size
    named = known().get(kind.data or "")
    classes = named.classes if named else 10
    network = recipe.build(size, classes)
    return {
        "name": name,
        "parameters": parameter_count(network),
        "data": kind.data,
        "source": kind.source,
        "published": kind.published.accuracy if kind.published else None,
        "about": inspect.getdoc(kind) or "",
        "classes": classes,
        "layers": [asdict(row) for row in layer_table(network, size)],
        "fields": [{"name": name, "value": value, "about": about} for name, value, about in recipe.fields()],
        "as_published": kind.faults,
    }


def parts() -> list[dict[str, Any]]:
    """Each part that a recipe may choose: the field it is for, its kind, its own fields, and what it does."""
    unions = {"preprocess": Preprocess, "augment": Augment, "optimizer": Optimizer, "schedule": Schedule}
    return [
        {
            "field": field,
            "kind": kind.model_fields["kind"].default,
            "fields": {name: told(f.default) for name, f in kind.model_fields.items() if name != "kind"},
            "about": inspect.getdoc(kind) or "",
        }
        for field, union in unions.items()
        for kind in get_args(get_args(union)[0])
    ]


def examine(data_dir: str | Path | None = None) -> dict[str, Any]:
    """What Tinylens finds on this machine."""
    chosen = choose_hardware()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None
    return {
        "machine": f"{platform.system()} {platform.machine()}, {chosen.device_name}",
        "device": chosen.device,
        "threads": chosen.threads,
        "memory_bytes": memory,
        "precision": chosen.precision,
        "why": chosen.reason,
        "python": platform.python_version(),
        "versions": environment()["versions"],
        "data": {entry.name: entry.path for entry in entries(data_dir)},
        "data_folders": [str(folder) for folder in data_folders(data_dir)],
        "cache_folder": str(cache_folder()),
        "disk_free_bytes": shutil.disk_usage(Path.cwd()).free,
    }
