"""Report: one self-contained HTML file about a run, light and dark, for the screen and for paper.

A panel is a file in `panels`, found by being there; it has
    TITLE: str          its heading
    ORDER: int          its place, smaller is higher
    render(story)       its HTML, or None where it has nothing to say
and, where it has any, STYLE and SCRIPT, its own CSS and JavaScript.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup

from tinylens.data import Splits
from tinylens.files import write_text
from tinylens.report import panels
from tinylens.report.story import tell
from tinylens.report.thumbnails import Thumbnails
from tinylens.runs import Run


@dataclass(frozen=True)
class Section:
    """A part of a page: what it is called in links, its heading, and its HTML."""

    name: str
    title: str
    body: Markup


def write_page(run: Run, splits: Splits) -> Path:
    """Write the report and the figures of a judged run; the path of the HTML file. Raises TinylensError."""
    story = tell(run, splits)
    modules = panel_modules()
    sections = []
    for module in modules:
        body = module.render(story)
        if body is not None:
            sections.append(Section(module.__name__.rsplit(".", 1)[1].replace("_", "-"), module.TITLE, body))
    for name, drawing in story.figures.items():
        write_text(run.plots / name, drawing)
    page = page_of(
        story.title,
        run.path.name,
        sections,
        style="\n".join(getattr(module, "STYLE", "") for module in modules),
        script="\n".join(getattr(module, "SCRIPT", "") for module in modules),
        thumbnails=story.thumbnails,
        version=run.environment["versions"]["tinylens"],
    )
    write_text(run.report, page)
    return run.report


def page_of(
    title: str,
    subtitle: str,
    sections: Sequence[Section],
    *,
    style: str,
    script: str = "",
    thumbnails: Thumbnails | None = None,
    version: str | None = None,
) -> str:
    """A page as HTML: every page that Tinylens writes is made here.

    style, script: CSS and JavaScript beside those that every page has. thumbnails: the images that the sections show,
    where they show any. version: of the Tinylens that what is told was made with; None: this one.
    """
    return template("layout.html" if thumbnails is None else "page.html").render(
        title=title,
        subtitle=subtitle,
        sections=sections,
        styles=Markup(style),
        scripts=Markup(script),
        sprite=None if thumbnails is None else thumbnails.sprite(),
        version=version or metadata.version("tinylens"),
    )


def panel_modules() -> list[Any]:
    """Every panel module, in the order in which they stand in the report."""
    names = [module.name for module in pkgutil.iter_modules(panels.__path__)]
    return sorted((importlib.import_module(f"{panels.__name__}.{name}") for name in names), key=lambda m: m.ORDER)


@cache
def template(name: str) -> Template:
    """A page around its sections: page.html is a report's, layout.html what every page has."""
    return Environment(loader=PackageLoader("tinylens.report", "."), autoescape=True).get_template(name)
