"""Finding: one thing that is wrong or doubtful. Rule: what finds it."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """code: the rule's, stable.

    title: what is wrong. evidence: where it shows, in this very run or source. remedy: what to do. line and cell:
    where it stands in a source, from 1; the cell of a notebook. silenced: by what, where somebody silenced it.
    """

    code: str
    title: str
    severity: Severity
    evidence: str
    remedy: str
    line: int | None = None
    cell: int | None = None
    silenced: str | None = None

    @property
    def where(self) -> str:
        """The line, for people; nothing where there is none."""
        if self.line is None:
            return ""
        return f"{self.line}" if self.cell is None else f"cell {self.cell}, line {self.line}"

    @property
    def counts(self) -> bool:
        """Whether it is more than a note, and nobody silenced it."""
        return self.severity != "note" and self.silenced is None


@dataclass(frozen=True)
class Rule:
    """What a rule says of all that it finds. The docstring of its file is its documentation.

    remedy: what to do, for all that it finds.
    """

    code: str
    title: str
    severity: Severity
    remedy: str

    def found(self, evidence: str, *, line: int | None = None, cell: int | None = None) -> Finding:
        """A finding of this rule."""
        return Finding(self.code, self.title, self.severity, evidence, self.remedy, line, cell)
