"""Finding: one thing that is wrong or doubtful."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """code: the rule's, stable.

    title: what is wrong. evidence: where it shows, in this very run. remedy: what to do.
    """

    code: str
    title: str
    severity: Literal["error", "warning"]
    evidence: str
    remedy: str
