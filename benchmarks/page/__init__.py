"""The page of all measurements, written from their data files and from nothing else."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from page import budget, five_minutes, growth, inference, recipes, throughput
from record import RESULTS
from tinylens.console import say
from tinylens.errors import TinylensError, one_line
from tinylens.files import read_json, write_text

HERE = Path(__file__).parents[1]
INTRODUCTION = """\
# Speed

What is measured of Tinylens and of what a user would pick instead: the same data on the same machine, one after the
other. This page is written by `python benchmarks page` from [data files]({results}), where every single measurement is;
nothing on it was typed by hand. [How to measure again]({readme}).
"""


@dataclass(frozen=True)
class Part:
    """A part of the page. command: what measures it. text: Markdown, from its data file. draw: its picture as SVG, or
    None where there is nothing to draw. pictured: the picture in words.
    """

    title: str
    command: str
    text: Callable[[dict[str, Any]], str]
    draw: Callable[[dict[str, Any]], str | None]
    pictured: str


PARTS = {
    "recipes": Part(recipes.TITLE, "recipes RUNS", recipes.text, recipes.draw, recipes.PICTURED),
    "budget": Part(budget.TITLE, "budget", budget.text, budget.draw, budget.PICTURED),
    "five-minutes": Part(
        five_minutes.TITLE, "five-minutes", five_minutes.text, five_minutes.draw, five_minutes.PICTURED
    ),
    "throughput": Part(throughput.TITLE, "throughput", throughput.text, throughput.draw, throughput.PICTURED),
    "inference": Part(inference.TITLE, "inference", inference.text, inference.draw, inference.PICTURED),
    "growth": Part(growth.TITLE, "growth", growth.text, growth.draw, growth.PICTURED),
}


def page(*, results: Path = RESULTS, out: Path = HERE.parent / "docs" / "speed.md") -> None:
    """Write the page of all measurements, and its pictures beside it, from the data files that there are.

    For example:

      python benchmarks page

    Parameters
    ----------
    results
        The folder with the data files.
    out
        The Markdown file to write.
    """
    here = Path(os.path.relpath(HERE, out.parent)).as_posix()
    sections = [INTRODUCTION.format(results=f"{here}/results", readme=f"{here}/README.md")]
    for name, part in PARTS.items():
        file = results / f"{name}.json"
        body = written(part, read_json(file), out, name) if file.is_file() else missing(part)
        sections.append(f"## {part.title}\n\n{body.strip()}\n")
    write_text(out, "\n".join(sections))
    say(f"see {out}")


def missing(part: Part) -> str:
    """What stands in place of what is not measured yet."""
    return f"Not measured yet: `python benchmarks {part.command}` does that."


def written(part: Part, record: dict[str, Any], out: Path, name: str) -> str:
    """A part's text, its picture before it. Raises TinylensError where the data file is not one of the benchmark's."""
    try:
        drawing, text = part.draw(record), part.text(record)
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise TinylensError(
            f"{name}.json is not what `python benchmarks {part.command}` writes: {one_line(error)}"
        ) from error
    if drawing is None:
        return text
    file = out.with_name(f"{out.stem}-{name}.svg")
    write_text(file, drawing)
    return f"![{part.pictured}]({file.name})\n\n{text}"
