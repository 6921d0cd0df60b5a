"""Checkup: what is wrong or doubtful in a data set, before anything is trained on it.

A check is a file in `checks`, found by being there; it has
    CODE: str           its name in tables and JSON, stable
    TITLE: str          its heading
    ORDER: int          its place, smaller is higher
    check(survey)       an Observation, or None where the data has nothing that it could look at
"""

import importlib
import pkgutil
from typing import Any

from tinylens.console import counting_bar
from tinylens.data.checkup import checks
from tinylens.data.checkup.observation import Observation
from tinylens.data.checkup.survey import Survey


def check_modules() -> list[Any]:
    """Every check, in the order in which they are told of."""
    names = [module.name for module in pkgutil.iter_modules(checks.__path__)]
    return sorted((importlib.import_module(f"{checks.__name__}.{name}") for name in names), key=lambda m: m.ORDER)


def examine(survey: Survey, *, progress: bool = False) -> list[Observation]:
    """What every check says of the data. progress: draw a bar."""
    modules, found = check_modules(), []
    with counting_bar(visible=progress) as bar:
        task = bar.add_task("Checking", total=len(modules))
        for module in modules:
            bar.update(task, description=f"Checking: {module.TITLE.lower()}")
            found.append(module.check(survey))
            bar.advance(task)
    return [observation for observation in found if observation is not None]
