"""Observation: what one check of a data set came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tinylens.data.checkup.survey import Survey

Severity = Literal["error", "warning", "note", "fine"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note", "fine")  # worst first


@dataclass(frozen=True)
class Exhibit:
    """Images that show together what was found. positions: in the survey. caption: what is to be seen in them."""

    positions: tuple[int, ...]
    caption: str


@dataclass(frozen=True)
class Gallery:
    """Exhibits of one kind, the most telling first. title: with how many there are in all."""

    title: str
    exhibits: tuple[Exhibit, ...]


@dataclass(frozen=True)
class Table:
    """Figures. rows: what people read, under the headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Observation:
    """What one check came to.

    code: the check's, stable. found: in one sentence. remedy: what to do, where something is wrong. remarks: how it
    was looked for, and what it means. facts: the figures, as plain values.
    """

    code: str
    title: str
    severity: Severity
    found: str
    remedy: str = ""
    remarks: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    galleries: tuple[Gallery, ...] = ()
    facts: tuple[tuple[str, Any], ...] = ()

    @property
    def counts(self) -> bool:
        """Whether something is wrong or doubtful, and not only worth knowing."""
        return self.severity in ("error", "warning")

    def to_json(self, survey: Survey) -> dict[str, Any]:
        """Plain values: of each exhibit the split, index, class and file of its images."""
        exhibits = [
            {"kind": gallery.title, "caption": one.caption, "images": [named(survey, i) for i in one.positions]}
            for gallery in self.galleries
            for one in gallery.exhibits
        ]
        about = {key: getattr(self, key) for key in ("code", "title", "severity", "found", "remedy")}
        return about | {"facts": dict(self.facts), "exhibits": exhibits}


def named(survey: Survey, position: int) -> dict[str, Any]:
    """Which image is at a position."""
    split, index = survey.place(position)
    file = survey.file(position)
    return {"split": split.split, "index": index, "class": survey.label(position)} | ({"file": file} if file else {})


def excerpt(shown: int, total: int) -> str:
    """How the title of a gallery ends that shows only some of what was found; empty where it shows all."""
    return f", {shown} of them shown" if shown < total else ""


def worst(severities: Sequence[Severity]) -> Severity:
    """The worst of them, and fine where there is none."""
    return min(severities, key=SEVERITIES.index, default="fine")
