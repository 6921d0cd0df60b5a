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
    from tinylens.comparison import Comparison, compare
    from tinylens.data import Dataset, Splits, describe, load_data
    from tinylens.errors import TinylensError
    from tinylens.evaluation.confusion import confusion_matrix
    from tinylens.evaluation.judge import saved_predictions
    from tinylens.evaluation.metrics import Metrics
    from tinylens.evaluation.predictions import Predictions
    from tinylens.experiment import evaluate, resume, train, write_report
    from tinylens.inspection import check_data
    from tinylens.lens import Lens
    from tinylens.lint.finding import Finding
    from tinylens.lint.source.linting import lint_source
    from tinylens.recipe import Recipe
    from tinylens.report.confusion_figure import plot_confusion
    from tinylens.report.contact_sheet import contact_sheet, image_grid
    from tinylens.report.history import plot_history
    from tinylens.report.prediction_figure import plot_predictions, plot_probabilities
    from tinylens.runs import Run
    from tinylens.sweeps import Sweep, resume_sweep, sweep, train_seeds

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "Dataset",
    "Finding",
    "Lens",
    "Metrics",
    "Predictions",
    "Recipe",
    "Run",
    "Splits",
    "Sweep",
    "TinylensError",
    "check_data",
    "compare",
    "confusion_matrix",
    "contact_sheet",
    "describe",
    "evaluate",
    "image_grid",
    "lint_source",
    "load_data",
    "plot_confusion",
    "plot_history",
    "plot_predictions",
    "plot_probabilities",
    "resume",
    "resume_sweep",
    "saved_predictions",
    "sweep",
    "train",
    "train_seeds",
    "write_report",
]

# Each name with the module it is in: a module, and torch behind it, is imported when its name is first used.
PLACES = {
    "Comparison": "comparison",
    "compare": "comparison",
    "Dataset": "data",
    "Splits": "data",
    "describe": "data",
    "load_data": "data",
    "contact_sheet": "report.contact_sheet",
    "image_grid": "report.contact_sheet",
    "plot_confusion": "report.confusion_figure",
    "plot_history": "report.history",
    "plot_predictions": "report.prediction_figure",
    "plot_probabilities": "report.prediction_figure",
    "TinylensError": "errors",
    "confusion_matrix": "evaluation.confusion",
    "saved_predictions": "evaluation.judge",
    "Metrics": "evaluation.metrics",
    "Predictions": "evaluation.predictions",
    "evaluate": "experiment",
    "resume": "experiment",
    "train": "experiment",
    "write_report": "experiment",
    "check_data": "inspection",
    "Lens": "lens",
    "Finding": "lint.finding",
    "lint_source": "lint.source.linting",
    "Recipe": "recipe",
    "Run": "runs",
    "Sweep": "sweeps",
    "resume_sweep": "sweeps",
    "sweep": "sweeps",
    "train_seeds": "sweeps",
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
