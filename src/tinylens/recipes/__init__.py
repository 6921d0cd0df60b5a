"""Recipes: a file here is a recipe, and its name is the file's, with dashes. A user's own is a file anywhere."""

import difflib
import importlib
import importlib.util
import pkgutil
import sys
import warnings
from pathlib import Path
from types import ModuleType

from tinylens.errors import UsageError, one_line
from tinylens.recipe import Recipe

OWN_RECIPE = "recipe.py"  # the name under which a user's own recipe is kept beside the weights


def names() -> list[str]:
    """The names of all recipes that come with Tinylens."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))


def find(name: str) -> type[Recipe]:
    """The recipe of that name, or the one in that Python file.

    Raises UsageError, with the nearest name, where there is none.
    """
    if name.endswith(".py"):
        return recipe_in(load_file(Path(name)), name)
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=1)
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(names())}"
        raise UsageError(f"no recipe is called {name!r}; {meant}")
    return recipe_in(importlib.import_module(f"{__name__}.{name.replace('-', '_')}"), name)


def kept(name: str, folder: Path) -> type[Recipe]:
    """The recipe that a run or a lens was made with: a built-in one, or the file `recipe.py` kept in the folder.

    No other file is run, whatever the name says. Raises UsageError where there is none.
    """
    if name == OWN_RECIPE:
        return find(str(folder / OWN_RECIPE))
    if name not in names():
        raise UsageError(f"{folder} was made with the recipe {name!r}, which this version of Tinylens does not have")
    return find(name)


def load_file(path: Path) -> ModuleType:
    """Run a user's recipe file as a module of its own. Raises UsageError where it cannot be."""
    if not path.is_file():
        raise UsageError(f"{path}: no such recipe file")
    spec = importlib.util.spec_from_file_location(f"tinylens_recipe_{path.stem}", path)
    assert spec is not None  # it ends in .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Field name .* shadows", UserWarning)  # refused below
            exec(
                compile(path.read_bytes(), path, "exec"), module.__dict__
            )  # the loader would leave a __pycache__ there
    except (Exception, SystemExit) as error:
        raise UsageError(f"{path} cannot be loaded: {type(error).__name__}: {one_line(error)}") from error
    return module


def recipe_in(module: ModuleType, name: str) -> type[Recipe]:
    """The one recipe class that a module defines. Raises UsageError where it is none that can be used."""
    found = [
        x
        for x in vars(module).values()
        if isinstance(x, type) and issubclass(x, Recipe) and x.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise UsageError(f"{name} must define one subclass of Recipe; it defines {len(found)}")
    require_usable(found[0], name)
    return found[0]


def require_usable(kind: type[Recipe], name: str) -> None:
    """Raise UsageError where a recipe has no model, a field in place of what is none, or a default of another kind."""
    missing = ", ".join(sorted(kind.__abstractmethods__))
    if missing:
        raise UsageError(f"{name}: {kind.__name__} has no {missing}")
    for field in kind.model_fields:
        if field not in Recipe.model_fields and hasattr(Recipe, field):
            how = f"write {field}: ClassVar[...]" if field in Recipe.__class_vars__ else "choose another name"
            raise UsageError(f"{name}: {field} is not a field of a recipe: {how}")
    try:
        kind.checked({})
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None
