"""What there is: the recipes, and the machine that they would run on."""

import inspect
import os
import platform
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from tinylens import recipes
from tinylens.data.library import data_folders, entries
from tinylens.data.sources import known
from tinylens.files import cache_folder
from tinylens.hardware import Hardware, choose_hardware, native_bfloat16, try_bfloat16
from tinylens.lens import untrained
from tinylens.networks.table import layer_table, parameter_count
from tinylens.optim.optimizers import Optimizer
from tinylens.optim.schedules import DropoutChange, Schedule
from tinylens.pixels.augment import Augment
from tinylens.pixels.growth import Growth
from tinylens.pixels.preprocess import Preprocess
from tinylens.pixels.views import View
from tinylens.recipe import own_code, told
from tinylens.runs import environment

CHANGE = '[{"kind":"dropout","at":1000,"factor":1.5}]'


def all_recipes() -> list[dict[str, Any]]:
    """A line for each recipe that comes with Tinylens."""
    lines = [describe(name) for name in recipes.names()]
    return [{key: line[key] for key in ("name", "parameters", "data", "source", "published")} for line in lines]


def describe(name: str) -> dict[str, Any]:
    """All there is to tell of a recipe: size on its own data, source, text, layers, fields.

    A user's recipe whose data is not known by name is shown with ten classes. Raises TinylensError where its model
    cannot be built or takes no image.
    """
    kind = recipes.find(name)
    recipe = kind.resolve({})
    size = recipe.image_size, recipe.image_size
    named = known().get(kind.data or "")
    classes = named.classes if named else 10
    network = untrained(recipe, name, [str(number) for number in range(classes)], None).network
    with own_code(f"{name}: its model fails on an image"):
        layers = layer_table(network, size)
    return {
        "name": name,
        "parameters": parameter_count(network),
        "data": kind.data,
        "source": kind.source,
        "published": kind.published.accuracy if kind.published else None,
        "about": inspect.getdoc(kind) or "",
        "classes": classes,
        "layers": [asdict(row) for row in layers],
        "fields": [{"name": name, "value": value, "about": about} for name, value, about in recipe.fields()],
        "as_published": kind.faults,
    }


def parts() -> list[dict[str, Any]]:
    """Each part that a recipe may choose: the field it is for, its kind, its own fields, and what it does."""
    unions = {"preprocess": Preprocess, "augment": Augment, "optimizer": Optimizer, "schedule": Schedule}
    kinds = {field: get_args(get_args(union)[0]) for field, union in unions.items()}
    kinds |= {"dropout_schedule": (DropoutChange,), "growth": (Growth,)}
    kinds |= {"views": get_args(get_args(View)[0])}
    return [
        {
            "field": field,
            "kind": kind.model_fields["kind"].default,
            "fields": {name: choices(f) for name, f in kind.model_fields.items() if name != "kind"},
            "about": about(kind),
        }
        for field, found in kinds.items()
        for kind in found
    ]


def about(kind: type) -> str:
    """What a part does; of a change of dropout, which no name alone can stand for, also how it is written."""
    said, *more = (inspect.getdoc(kind) or "").split("\n\n")
    example = f" As JSON: dropout_schedule={CHANGE}" if kind is DropoutChange else ""
    return "\n\n".join([said + example, *more])


def choices(field: FieldInfo) -> str:
    """A field's default, and after it what else it may be, where that is one of a few words."""
    if field.is_required():
        return "(required)"
    words = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    return " | ".join([told(field.default), *(told(word) for word in words if word != field.default)])


def bfloat16_trial(chosen: Hardware) -> str:
    """What a trial of bfloat16 found, where the device computes in it at all."""
    if chosen.device == "cpu" and not native_bfloat16():
        return "not tried: there is no native bfloat16"
    trial = try_bfloat16(chosen.device)
    return f"{trial.speed:.1f} times as fast as float32 in a trial, results within {trial.error:.1e} of their deviation"


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
        "bfloat16": bfloat16_trial(chosen),
        "python": platform.python_version(),
        "versions": environment()["versions"],
        "data": {entry.name: entry.path for entry in entries(data_dir)},
        "data_folders": [str(folder) for folder in data_folders(data_dir)],
        "cache_folder": str(cache_folder()),
        "disk_free_bytes": shutil.disk_usage(Path.cwd()).free,
    }
