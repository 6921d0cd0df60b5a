"""What must be known before a sweep's ranking is believed, in words."""

from tinylens.sweeps.outcome import SEEDS_INTERVAL, Sweep, span
from tinylens.words import MARKED, count, times

MOST_FAILURES = 5  # told one by one
GUIDE = "Overlap is a rough guide, not a test."


def remarks(sweep: Sweep) -> list[str]:
    """What the spread means, which combinations are level, what the best figure is worth, and what is not equal."""
    if not sweep.ranked:
        return [*unfinished(sweep), *failures(sweep)]
    choice = [opened(sweep)] if sweep.plan.open_test else [*level(sweep), *partial(sweep), chosen(sweep)]
    return [spread(sweep), *choice, *budgets(sweep), *limits(sweep), *unfinished(sweep), *failures(sweep)]


def opened(sweep: Sweep) -> str:
    """What the looks at the test images are worth where nothing is chosen by them."""
    if sweep.mark:
        return f"{MARKED}."
    once = "Each run looked at the test images once, when its training was done."
    return f"{once} To go on with the best of them would be to choose by these images."


def spread(sweep: Sweep) -> str:
    """What stands behind each accuracy."""
    if sweep.plan.seeds == 1 and sweep.plan.over:
        return (
            "Seeds were not repeated: the 95 % intervals are of the validation images alone, and differences smaller "
            "than them are luck. --seeds 3 would train each combination three times."
        )
    if sweep.plan.seeds == 1:
        return "The 95 % interval of a single seed is of the test images alone, and tells nothing of other seeds."
    single = "; of a combination with a single run, of the validation images alone" if sweep.plan.over else ""
    return (
        f"± is the standard deviation over {sweep.plan.seeds} seeds; intervals are the {SEEDS_INTERVAL}, wide where "
        f"seeds are few{single}. A seed decides weights, order and dropout, and which images are cut off for "
        "validation where the data bring none."
    )


def level(sweep: Sweep) -> list[str]:
    """How many of the others this sweep cannot tell from the best."""
    others = len(sweep.ranked) - 1
    if not others:
        return []
    overlapping = len(sweep.level)
    if not overlapping:
        return [f"No other combination's interval overlaps that of the best. {GUIDE}"]
    which = f"{overlapping} of the other {others} combinations"
    if overlapping == others:
        which = "the other combination" if others == 1 else f"all {others} other combinations"
    overlap = "interval of {} overlaps" if overlapping == 1 else "intervals of {} overlap"
    return [f"The {overlap.format(which)} that of the best: this sweep does not tell them apart. {GUIDE}"]


def partial(sweep: Sweep) -> list[str]:
    """That combinations with failures rank last, whatever their mean."""
    if not sweep.partial:
        return []
    who = f"Combinations with failed runs ({len(sweep.partial)})"
    return [f"{who} rank after all others, whatever their mean: one over the seeds that did not fail flatters."]


def chosen(sweep: Sweep) -> str:
    """What the best figure is worth, and how to get one that is worth more."""
    best = sweep.best
    said = "The best is chosen by the images that it is measured on, so its figure is a little too good."
    if best.times_opened:
        return f"{said} The test images were looked at {times(best.times_opened)} for the best run."
    return f"{said} The test images are unseen: `tinylens evaluate {best.path}` opens them once for the best run."


def budgets(sweep: Sweep) -> list[str]:
    """Where runs had more to learn from than others."""
    budgets = {"epochs": [o.epochs for o in sweep.outcomes], "steps": [o.steps for o in sweep.outcomes]}
    unequal = [f"{span(values)} {name}" for name, values in budgets.items() if len(set(values)) > 1]
    if not unequal:
        return []
    return [f"Budgets differ: {' and '.join(unequal)} a run; a shorter training may be why a combination ranks low."]


def limits(sweep: Sweep) -> list[str]:
    """That not all images were used."""
    limit = sweep.plan.limit
    return [] if limit is None else [f"At most {limit:,} images of each split were used (--limit {limit})."]


def unfinished(sweep: Sweep) -> list[str]:
    """What there is still to do."""
    left = sweep.plan.size - len(sweep.outcomes) - len(sweep.failures)
    if not left:
        return []
    return [f"{count(left, 'run')} of {sweep.plan.size:,} not done yet: `tinylens resume {sweep.path}` goes on."]


def failures(sweep: Sweep) -> list[str]:
    """What went wrong."""
    told, more = sweep.failures[:MOST_FAILURES], sweep.failures[MOST_FAILURES:]
    return [f"Failed: {failure}." for failure in told] + ([f"{len(more)} more failed."] if more else [])
