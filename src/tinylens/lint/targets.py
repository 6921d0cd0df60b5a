"""Targets: what the name that `tinylens lint` is given stands for, and what is found there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinylens.errors import TinylensError, UsageError
from tinylens.lint.finding import Finding
from tinylens.lint.silencing import known_codes
from tinylens.lint.source.linting import UNREAD, lint_source

SOURCES = (".py", ".ipynb", ".md", ".txt", ".rst")
FILE_OF_RUN, FILE_OF_ENVIRONMENT = "recipe.json", "pyvenv.cfg"


@dataclass(frozen=True)
class Linted:
    """What was looked at, and what was found. kind: source, run or recipe. note: what to know beside it."""

    name: str
    kind: str
    findings: tuple[Finding, ...]
    note: str = ""


def lint_targets(
    names: Sequence[str],
    ignore: Iterable[str] = (),
    data_dir: Path | None = None,
    settings: dict[str, str] | None = None,
) -> list[Linted]:
    """What is found in each target: a run, a folder of runs, a recipe, a source file, or a folder of those.

    settings: fields of recipes to set. Raises UsageError for what is none of them.
    """
    silent = tuple(ignore)
    return [one for name in names for one in lint_target(name, silent, data_dir, settings or {})]


def lint_target(name: str, ignore: tuple[str, ...], data_dir: Path | None, settings: dict[str, str]) -> list[Linted]:
    """What is found in one target."""
    path = Path(name)
    if not path.exists():
        return [of_recipe(name, ignore, settings)]
    if path.is_file():
        found = [Linted(name, "source", tuple(lint_source(path, ignore)))]
        return [*found, of_recipe(name, ignore, settings)] if is_recipe(path) else found
    if (path / FILE_OF_RUN).is_file():
        return [of_run(path, ignore, data_dir)]
    runs = sorted(path.glob(f"*/{FILE_OF_RUN}"))
    if runs:
        return [of_run(file.parent, ignore, data_dir) for file in runs]
    found = [of_source(file, ignore) for file in sources_in(path)]
    if not found:
        raise UsageError(f"{name} is neither a run nor a folder of runs, scripts or notebooks")
    return found


def sources_in(folder: Path) -> Iterator[Path]:
    """The source files below a folder, in order, but for what is hidden and for environments of Python."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith(".") and not (path / FILE_OF_ENVIRONMENT).exists():
            yield from sources_in(path)
        elif path.is_file() and path.suffix in SOURCES:
            yield path


def of_source(file: Path, ignore: tuple[str, ...]) -> Linted:
    """What is found in one of several files; one that cannot be read does not keep the others from it."""
    known_codes(ignore)
    try:
        return Linted(str(file), "source", tuple(lint_source(file, ignore)))
    except UsageError as error:
        return Linted(str(file), "source", (UNREAD.found(str(error)),))


def is_recipe(path: Path) -> bool:
    """Whether a script is a recipe for Tinylens. It is found by reading; nothing is run."""
    if path.suffix != ".py":
        return False
    text = path.read_text(encoding="utf-8", errors="replace")
    return "tinylens" in text and "Recipe)" in text


def of_recipe(name: str, ignore: tuple[str, ...], settings: dict[str, str]) -> Linted:
    """What is found in a recipe as it is resolved. One of the user's own is run as code, as training it would."""
    from tinylens import recipes
    from tinylens.lint.linting import lint_recipe

    if not name.endswith(".py") and Path(name).suffix in SOURCES:
        raise UsageError(f"{name} is not there")
    return Linted(name, "recipe", tuple(lint_recipe(recipes.find(name).resolve(settings), ignore)))


def of_run(path: Path, ignore: tuple[str, ...], data_dir: Path | None) -> Linted:
    """What is found in a run; its images are looked at where they are at hand, and the findings written into it."""
    from tinylens.lint.linting import lint
    from tinylens.runs import Run

    run, splits, note = Run(path), None, ""
    with run.locked():
        try:
            splits = run.manifest.reload(None, data_dir)
        except TinylensError as error:
            note = f"its images were not looked at: {error}"
        return Linted(str(path), "run", tuple(lint(run, splits, ignore)), note)
