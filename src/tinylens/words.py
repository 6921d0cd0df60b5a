"""How figures are written for people."""

from collections.abc import Sequence

MARK = "\u202f†"  # behind a figure on test images that selection looked at
MARKED = "†: selection looked at the test images, so figures on them are too good by an unknown amount"


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 in percent, with a narrow space that does not break: 0.6684 is 66.8 %."""
    return f"{share * 100:.{digits}f}\u202f%"


def with_interval(share: float, interval: Sequence[float], digits: int = 1) -> str:
    """A share of 1 with its 95 % interval: 66.8 % (65.9 % – 67.7 %)."""
    low, high = interval
    return f"{percent(share, digits)} ({percent(low)} – {percent(high)})"


def with_deviation(share: float, deviation: float, digits: int = 1) -> str:
    """A mean share of 1 with its standard deviation: 66.8 ± 0.4 %."""
    return f"{100 * share:.{digits}f} ± {percent(deviation, digits)}"


def duration(seconds: float) -> str:
    """A time: 8.6 s, 1 min 4 s, 2 h 5 min, 3.6 days."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 48 * 60:
        return f"{seconds / 86400:.1f} days"
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def milliseconds(seconds: float) -> str:
    """A short time in thousandths of a second, with three digits that count: 0.012, 3.94, 57.3, 1,810."""
    value = 1000 * seconds
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def times(count: int) -> str:
    """How often: once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def count(number: int, noun: str) -> str:
    """A number of things: 1 epoch, 2 epochs."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def shortened(name: str, longest: int = 18) -> str:
    """A name cut to that many letters, where it has more."""
    return name if len(name) <= longest else name[: longest - 1] + "…"
