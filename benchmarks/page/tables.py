"""Tables and figures as people read them."""

from collections.abc import Iterable, Sequence
from statistics import median

from record import figure


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """A Markdown table. left: how many columns, the first ones, are set to the left."""
    rule = ["---"] * left + ["---:"] * (len(heads) - left)
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in (heads, rule, *rows))


def spread(values: Sequence[float]) -> str:
    """Median (lowest–highest), or that there is none."""
    if not values:
        return "failed"
    low, middle, high = map(figure, (min(values), median(values), max(values)))
    return f"{middle} ({low}–{high})" if len(values) > 1 else middle


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """How many times as fast ours is, by the medians."""
    return f"{median(ours) / median(theirs):.2f}" if ours and theirs else "–"


def number(value: float) -> str:
    """A number of things, short: 10 k, 1 M."""
    for unit, letter in ((1_000_000, "M"), (1000, "k")):
        if value >= unit:
            return f"{value / unit:.3g}\u202f{letter}"
    return f"{value:g}"


def lines(items: Iterable[str]) -> str:
    """A Markdown list."""
    return "\n".join(f"- {item}" for item in items)
