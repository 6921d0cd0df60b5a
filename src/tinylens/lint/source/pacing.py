"""Pacing: in which unit a rate counts that is given by the number of the step, as its figures tell."""

from collections.abc import Callable

Pace = Callable[[int], float | None]  # the rate, or its factor, at a step

NOTHING = 1e-6  # of the largest rate
FEW = 5  # epochs; with fewer, nothing is told by their number


def spent(pace: Pace, epochs: float, batches: float | None) -> int | None:
    """After how many steps a rate is over that should last for these epochs, of so many batches; None where it is not.

    It is where it comes to its end, or to its turning point, at the step whose number is that of the epochs; where its
    last change is before it, and within the first epoch; and where nothing is left of it after one.
    """
    end = int(epochs)
    largest = highest(pace, end)
    as_many = batches is not None and abs(batches - end) <= 1  # so that it may be meant to last for one epoch
    if end < FEW or as_many or largest is None or largest <= 0:
        return None
    if ends_at(pace, end, largest * NOTHING):
        return end
    late = [pace(int(batches * times)) for times in (1, 1.5, 2, epochs / 2)] if batches is not None else []
    known = [abs(rate) for rate in late if rate is not None]
    if batches is not None and len(known) == len(late) and max(known) <= largest * NOTHING:
        return int(batches)
    before = batches is not None and batches > epochs and is_flat(pace, end, largest * NOTHING)
    return end if before and (pace(end) or 0) < largest * (1 - NOTHING) else None


def highest(pace: Pace, end: int) -> float | None:
    """The largest rate before a step; None where one is not known."""
    found = [pace(step) for step in sorted({0, 1, 2, end // 16, end // 8, end // 4, end // 2, 3 * end // 4, end - 1})]
    known = [rate for rate in found if rate is not None]
    return max(known) if len(known) == len(found) else None


def ends_at(pace: Pace, end: int, little: float) -> bool:
    """Whether a rate that falls comes at a step to 0, to what it stays at, or to where it rises again in the same way.

    little: what makes no difference.
    """
    before, now = pace(end - 1), pace(end)
    if before is None or now is None or before <= now + little:
        return False
    around = [(pace(end - by), pace(end + by)) for by in (1, 2, end // 4)]
    mirrored = all(a is not None and b is not None and abs(a - b) <= little for a, b in around)
    return abs(now) <= little or mirrored or is_flat(pace, end, little)


def is_flat(pace: Pace, start: int, little: float) -> bool:
    """Whether a rate stays what it is at a step."""
    found = [pace(step) for step in (start, start + 1, start + start // 4, 2 * start, 3 * start + 1, 10 * start)]
    known = [rate for rate in found if rate is not None]
    return len(known) == len(found) and max(known) - min(known) <= little
