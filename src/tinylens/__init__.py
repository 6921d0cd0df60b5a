"""Tinylens: from small images to a trained, honestly judged, explained and usable classifier.

import tinylens

data = tinylens.load_data("digits")
run = tinylens.train("four-by-four", data)
print(tinylens.evaluate(run, "validation").accuracy)
print(run.lens.predict("three.png"))
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinylens.data import Dataset, Splits, describe, load_data
    from tinylens.errors import TinylensError
    from tinylens.evaluation.metrics import Metrics
    from tinylens.evaluation.predictions import Predictions
    from tinylens.experiment import evaluate, resume, train, write_report
    from tinylens.lens import Lens
    from tinylens.lint.finding import Finding
    from tinylens.recipe import Recipe
    from tinylens.report.contact_sheet import contact_sheet
    from tinylens.runs import Run

__version__ = "0.1.0"

__all__ = [
    "Dataset",
    "Finding",
    "Lens",
    "Metrics",
    "Predictions",
    "Recipe",
    "Run",
    "Splits",
    "TinylensError",
    "contact_sheet",
    "describe",
    "evaluate",
    "load_data",
    "resume",
    "train",
    "write_report",
]

# Each name with the module it is in: a module, and torch behind it, is imported when its name is first used.
PLACES = {
    "Dataset": "data",
    "Splits": "data",
    "describe": "data",
    "load_data": "data",
    "contact_sheet": "report.contact_sheet",
    "TinylensError": "errors",
    "Metrics": "evaluation.metrics",
    "Predictions": "evaluation.predictions",
    "evaluate": "experiment",
    "resume": "experiment",
    "train": "experiment",
    "write_report": "experiment",
    "Lens": "lens",
    "Finding": "lint.finding",
    "Recipe": "recipe",
    "Run": "runs",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in PLACES:
        raise AttributeError(f"module 'tinylens' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"tinylens.{PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
