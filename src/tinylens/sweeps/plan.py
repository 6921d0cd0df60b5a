"""The plan of a sweep: which values of which fields, with how many seeds, and the trainings that this comes to."""

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

from pydantic_core import PydanticSerializationError, to_jsonable_python

from tinylens.data import Splits
from tinylens.data.dataset import IN_MEMORY
from tinylens.data.manifest import Choice
from tinylens.errors import TinylensError, UsageError
from tinylens.experiment import planned
from tinylens.recipe import Recipe, field_name, parsed

MOST_RUNS = 1000
EXAMPLE = "batch_size=32,64"


@dataclass(frozen=True)
class Plan:
    """What a sweep tries: every combination of the values, each with every seed.

    recipe: a built-in recipe's name, or the name of the user's own file, kept in the sweep's folder. data: what the
    user called it. place: what it is loaded by again. over: the fields with their values. seeds: how many, counted from
    the recipe's. settings: of all runs. limit: images a split, at most. skip_bad: as in `train`. open_test: each run is
    judged on the test images too, which no value may be chosen by: so only where there are no values, but seeds alone.
    """

    recipe: str
    data: str
    place: str
    over: dict[str, list[Any]]
    seeds: int
    settings: dict[str, Any]
    limit: int | None
    skip_bad: bool
    open_test: bool = False

    @property
    def split(self) -> str:
        """The images by which its runs are told of."""
        return "test" if self.open_test else "validation"

    @classmethod
    def from_json(cls, value: Any, file: Path) -> "Plan":
        """The plan in a sweep's file. Raises TinylensError where there is none."""
        try:
            plan = cls(**value["plan"])
            sound = all(values and isinstance(values, list) for values in plan.over.values())
            sound = sound and bool(plan.over) is not plan.open_test
            if not (sound and isinstance(plan.seeds, int) and isinstance(plan.recipe, str)):
                raise ValueError
        except (KeyError, TypeError, ValueError, AttributeError):
            raise TinylensError(f"{file} is damaged: it holds no plan of a sweep") from None
        return plan

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)

    @property
    def combinations(self) -> list[dict[str, Any]]:
        """Every combination of the values, in the order in which they were given."""
        return [dict(zip(self.over, values, strict=True)) for values in product(*self.over.values())]

    @property
    def size(self) -> int:
        """How many runs it is."""
        return self.seeds * math.prod(len(values) for values in self.over.values())

    def command(self, recipe: str) -> str | None:
        """The command that makes the sweep again; None where its data are arrays in memory. recipe: name or path."""
        if self.place == IN_MEMORY:
            return None
        words = ["tinylens", "train" if self.open_test else "sweep", recipe, "--data", self.place]
        for field, values in self.over.items():
            words += ["--over", f"{field}={listed(values)}"]
        words += ["--seeds", str(self.seeds)] if self.seeds > 1 else []
        words += ["--limit", str(self.limit)] if self.limit is not None else []
        words += ["--skip-bad"] if self.skip_bad else []
        for field, value in self.settings.items():
            words += ["--set", f"{field}={told(value)}"]
        return shlex.join(words)


@dataclass(frozen=True, eq=False)
class Training:
    """One run of a sweep: the values that it tries, the recipe that they come to, and what data it wants.

    key: what tells its run from the others, all fields of its recipe.
    """

    values: dict[str, Any]
    recipe: Recipe
    choice: Choice
    key: str

    @property
    def name(self) -> str:
        """What it is called while it runs."""
        seed = f"seed {self.recipe.seed}"
        return f"{in_words(self.values)}, {seed}" if self.values else seed


def key_of(fields: Any) -> str:
    """A recipe's fields as text to compare them by."""
    return json.dumps(fields, sort_keys=True)


def trainings(plan: Plan, kind: type[Recipe], data: str | Path | Splits | None) -> list[Training]:
    """Every run of the plan: all combinations with the first seed, then with the next.

    kind: the recipe. Raises UsageError and DataError where one of them cannot be, before any is begun.
    """
    first = [training(plan, kind, data, values, 0) for values in plan.combinations]
    seen: dict[str, Training] = {}
    for one in first:
        other = seen.setdefault(one.key, one)
        if other is not one:
            same = f"{in_words(other.values)} and {in_words(one.values)}"
            raise UsageError(f"--over: {same} are the same training; give each value once")
    more = [training(plan, kind, data, one.values, n) for n in range(1, plan.seeds) for one in first]
    return first + more


def training(
    plan: Plan, kind: type[Recipe], data: str | Path | Splits | None, values: dict[str, Any], number: int
) -> Training:
    """The run of a combination with the seed that is `number` after the recipe's."""
    settings = plan.settings | values
    if number:
        settings["seed"] = kind.resolve(settings).seed + number
    recipe, choice = planned(kind, data, settings, limit=plan.limit, skip_bad=plan.skip_bad, open_test=plan.open_test)
    return Training(values, recipe, choice, key_of(recipe.model_dump(mode="json")))


def ranges(over: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The fields with their values, read and looked over. Raises UsageError where they make no sweep."""
    found: dict[str, list[Any]] = {}
    for given, values in over.items():
        field = field_name(given)
        if field == "seed":
            raise UsageError("--over seed: seeds are repeated with --seeds N, so that their spread is told")
        if field in found:
            raise UsageError(f"--over {field} is there twice; give all its values at once, as in --over {EXAMPLE}")
        found[field] = read_values(field, values)
    if not found:
        raise UsageError(f"a sweep needs --over FIELD=VALUE,VALUE, as in --over {EXAMPLE}")
    return found


def read_values(field: str, given: Any) -> list[Any]:
    """The values of a field, one by one or as text with commas between them; JSON may have commas of its own."""
    if isinstance(given, str):
        try:
            given = json.loads(f"[{given}]")
        except (ValueError, RecursionError):
            given = [part.strip() for part in str(given).split(",")]
    if not isinstance(given, Sequence):
        raise UsageError(f"--over {field}: values are a list, or text with commas, not one {type(given).__name__}")
    values = [plain(field, parsed(value)) for value in given]
    if not values or "" in values:
        raise UsageError(f"--over {field}: an empty value; values stand between commas, as in --over {EXAMPLE}")
    return values


def common_settings(settings: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of all runs, as plain values. Raises UsageError where one of them is swept over as well."""
    found = {field_name(name): plain(name, parsed(value)) for name, value in settings.items()}
    both = [name for name in found if name in over]
    if both:
        raise UsageError(f"{both[0]} is set to {told(found[both[0]])} and swept over as well; do one of both")
    return found


def require_size(plan: Plan) -> None:
    """Raise UsageError where a plan has no run, or more than anybody waits for."""
    if plan.seeds < 1:
        raise UsageError(f"--seeds {plan.seeds}: it must be at least 1")
    if plan.size > MOST_RUNS:
        raise UsageError(f"that would be {plan.size:,} runs; a sweep has at most {MOST_RUNS:,}: try fewer values")


def plain(field: str, value: Any) -> Any:
    """A value as JSON has it. Raises UsageError where it has none such."""
    try:
        return to_jsonable_python(value)
    except PydanticSerializationError:
        raise UsageError(f"{field}: {value!r} is no plain value, as a recipe file could have it") from None


def told(value: Any) -> str:
    """A value as people type it: text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def listed(values: list[Any]) -> str:
    """Values as --over takes them."""
    if all(isinstance(value, str) and "," not in value for value in values):
        return ",".join(values)
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))[1:-1]


def in_words(values: Mapping[str, Any]) -> str:
    """A combination in words: batch_size=32, optimizer.lr=0.01."""
    return ", ".join(f"{field}={told(value)}" for field, value in values.items())
