"""How figures are written for people."""


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 in percent, with a narrow space that does not break: 0.6684 is 66.8 %."""
    return f"{share * 100:.{digits}f}\u202f%"


def duration(seconds: float) -> str:
    """A time: 8.6 s, 1 min 4 s, 2 h 5 min."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def times(count: int) -> str:
    """How often: once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def count(number: int, noun: str) -> str:
    """A number of things: 1 epoch, 2 epochs."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
