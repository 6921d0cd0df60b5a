"""Callbacks: what is done around the loop. A module here holds callbacks; the loop knows none of them.

Hooks are called in the order of the list; `default_callbacks` gives the usual one, in which each sees what it needs:
what decides comes before what keeps, and what keeps before what tells.
"""

from typing import Any

from tinylens.training.session import Session


class Callback:
    """Hooks that do nothing. A callback overrides those it needs, and tells and takes back its state if it has any."""

    def on_start(self, session: Session) -> None:
        """Before the first step of this sitting."""

    def on_step(self, session: Session) -> None:
        """Before each step."""

    def after_step(self, session: Session) -> None:
        """After each step."""

    def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
        """After each epoch, whose row is in the history already."""

    def on_interrupt(self, session: Session) -> None:
        """When somebody stops training before its end."""

    def on_end(self, session: Session) -> None:
        """When training came to its end."""

    def on_close(self, session: Session) -> None:
        """Last of all, however training ended: let go of what is held open."""

    def state_dict(self) -> dict[str, Any]:
        """Plain values to be kept in a checkpoint."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
