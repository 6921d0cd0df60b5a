"""TL412: a result is thrown away.

The call changes nothing in place: it gives back new images or a new pipeline, and nobody takes them. What follows
works on what was there before.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Program

RULE = Rule("TL412", "a result is thrown away", "warning", "give the result a name: images = images.astype(...)")


def check(program: Program) -> Iterator[Finding]:
    """Fires for statements that are nothing but such a call."""
    for dropped in program.dropped:
        yield at(RULE, dropped.place, f"nobody takes what {dropped.what} gives")
