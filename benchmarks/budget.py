"""Where the time of a training step goes, of the recipes that are made for speed."""

from pathlib import Path
from typing import Any

from options import Names
from record import RESULTS, about, troubles
from running import Side, measured
from tinylens.console import say
from tinylens.files import write_json
from tinylens.words import milliseconds, percent

SIDE = Side("Tinylens", "ours/tinylens_budget.py")
RECIPES = ("sprint",)


def budget(
    *, recipes: Names = RECIPES, seconds: float = 20.0, rounds: int = 1, out: Path = RESULTS / "budget.json"
) -> None:
    """Measure where the time of a training step goes, and how near its products come to what the machine can do.

    For example:

      python benchmarks budget

      python benchmarks budget --recipes sprint --seconds 60

    Parameters
    ----------
    recipes
        Whose steps; images are noise in the shape of their data.
    seconds
        Time to measure whole steps for; at least three are timed.
    rounds
        How often everything is measured.
    out
        The data file.
    """
    record = about(seconds=seconds, rounds=rounds)
    record["images"] = ["noise"]
    for number in range(1, rounds + 1):
        for recipe in recipes:
            row = {"round": number, "recipe": recipe, "settings": {}}
            row |= measured(SIDE, {"recipe": recipe, "seconds": seconds}, Path())
            record["measurements"].append(row)
            write_json(out, record)
            say(f"round {number}/{rounds}  {progress(row)}")


def progress(row: dict[str, Any]) -> str:
    """A measurement for people, in a line."""
    said = f"{row['recipe']}  "
    if "step_seconds" in row:
        said += f"a step of {row['batch_size']:,} images {milliseconds(row['step_seconds'])} ms, "
        said += f"{percent(row['flop_per_second'] / row['peak'])} of the peak"
    return said + "".join(f"  {trouble}" for trouble in troubles(row))
