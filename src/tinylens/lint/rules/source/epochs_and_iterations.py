"""TL502: iterations are taken for epochs, or epochs for iterations.

An iteration is one batch, an epoch all of them. Papers often count iterations; as epochs, the same number is hundreds
of times the work, and never comes to its end. The other way round, a schedule that counts epochs is stepped after
every batch, or one that counts batches is given epochs, and the learning rate is spent within the first epoch.
"""

import re
from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, batches_an_epoch, batches_of, steps_of, turns_of
from tinylens.lint.source.data import Data
from tinylens.lint.source.items import items_of
from tinylens.lint.source.network import Fit
from tinylens.lint.source.pacing import spent
from tinylens.lint.source.program import Happening, Paced, Program
from tinylens.lint.source.values import Made, Method, Stream, Symbol, number

RULE = Rule(
    "TL502",
    "iterations and epochs are confused",
    "error",
    "epochs = iterations / (images / batch size); step a schedule in the unit that its numbers are in",
)
MANY = 5_000  # epochs that nobody trains on images in their tens of thousands
OF_BATCHES = re.compile(r"estimated_stepping_batches|num_training_batches|len\(.*(?:load|dl\b|batches)")
MOST_TIMES = 5  # the epochs: OneCycleLR, which fails when it is stepped too often, is not made that much too long
FEW = 5  # epochs; with fewer, as many batches may be all that there are
LARGE = 1024  # images in a batch; a larger one may be all of them
COSINES = ("CosineDecay", "PolynomialDecay", "CosineDecayRestarts")


def check(program: Program) -> Iterator[Finding]:
    """Fires for epochs beyond all measure, of `fit` or of a loop, and for schedules in the wrong unit."""
    for fit in program.fits:
        epochs, steps = number(fit.epochs), number(fit.steps)
        many = isinstance(fit.images, Data) and (fit.images.count or 0) >= 5_000
        if epochs is not None and epochs >= MANY and (many or (steps or 0) >= 50):
            yield at(
                RULE, fit.place, f"{epochs:,.0f} epochs of {told(fit)} are {total(fit)}: this is a number of iterations"
            )
        yield from short_decay(fit)
        yield from short_schedule(fit)
    for one in program.happened:
        why = (
            too_long(one) or short_by_hand(one)
            if one.kind == "backward"
            else wrong_unit(one)
            if one.kind == "scheduler" and isinstance(one.what, Made)
            else ""
        )
        if why:
            yield at(RULE, one.place, why)
    for paced in program.paced:
        if paced.interval == "epoch" and counts_batches(paced):
            kind = paced.scheduler.kind
            yield at(RULE, paced.scheduler.place, f"{kind} counts batches, and the trainer steps it once an epoch")


def counts_batches(paced: Paced) -> bool:
    """Whether the length of a scheduler is surely a number of batches, of all the epochs."""
    scheduler = paced.scheduler
    if scheduler.kind == "OneCycleLR" and scheduler.get("steps_per_epoch", 4) is not None:
        return number(scheduler.get("steps_per_epoch", 4)) != 1
    lengths = {"OneCycleLR": ("total_steps", 2), "CosineAnnealingLR": ("T_max", 1), "LinearLR": ("total_iters", 3),
               "PolynomialLR": ("total_iters", 1)}  # fmt: skip
    names = lengths.get(scheduler.kind, ("num_training_steps", 2) if "warmup" in scheduler.kind else ())
    length = scheduler.get(*names) if names else None
    if isinstance(length, Method):
        return length.name == "estimated_stepping_batches"
    if isinstance(length, Symbol):
        return bool(OF_BATCHES.search(length.text))
    total, epochs, each = number(length), number(paced.epochs), batches_an_epoch(paced.images)
    if total is None or epochs is None:
        return False
    all_batches = each is not None and each > 10 and abs(total - epochs * each) <= each
    return all_batches or (scheduler.kind == "OneCycleLR" and total >= MOST_TIMES * epochs)


def too_long(happening: Happening) -> str:
    """Why a loop of theirs over batches cannot be meant to be gone through as often; nothing where it can."""
    if len(happening.loops_over) != 2:
        return ""
    inner, epochs = batches_of(happening.loops_over[1]), turns_of(happening.loops_over[0])
    if epochs is None or epochs < MANY or inner is None or (inner.count or 0) < 5_000:
        return ""
    return f"{epochs:,.0f} times through all batches: this is a number of iterations"


def told(fit: Fit) -> str:
    """What an epoch is."""
    steps = steps_of(fit)
    return f"{steps:,.0f} batches" if steps else "all images"


def total(fit: Fit) -> str:
    """How many batches a training has."""
    steps, epochs = steps_of(fit), number(fit.epochs)
    return f"{steps * epochs:,.0f} batches" if steps and epochs else "far too many"


def short_decay(fit: Fit) -> Iterator[Finding]:
    """A schedule of Keras whose steps are given as the number of epochs."""
    optimizer = fit.compiled.optimizer if fit.compiled is not None else None
    rate = optimizer.get("learning_rate", "lr", 0) if isinstance(optimizer, Made) else None
    epochs, steps = number(fit.epochs), steps_of(fit)
    if not isinstance(rate, Made) or epochs is None:
        return
    if rate.kind == "PiecewiseConstantDecay":
        yield from early_boundaries(fit, rate, epochs, steps)
    if rate.kind not in COSINES:
        return
    given = number(rate.get("decay_steps", "first_decay_steps", 1))
    if given is None or given != epochs:
        return
    if steps is not None and steps > 10:
        why = f"{rate.kind} counts batches: it is over after {given:g}, and an epoch has {steps:,.0f}"
        yield at(RULE, rate.place, why)
    elif steps is None and epochs >= FEW and in_batches(fit):
        why = f"{rate.kind} counts batches: its {given:g} are as many as there are epochs, and an epoch has many"
        yield at(RULE, rate.place, why)


def short_schedule(fit: Fit) -> Iterator[Finding]:
    """A schedule of theirs that Keras asks for the rate at each batch, and that counts epochs."""
    epochs, steps = number(fit.epochs), steps_of(fit)
    if fit.pace is None or epochs is None or not (in_batches(fit) if steps is None else steps > 10):
        return
    over = spent(fit.pace, epochs, steps)
    if over is not None:
        yield at(RULE, fit.schedule.place, f"{fit.schedule.cls.name} is asked at each batch: {is_over(over, steps)}")


def short_by_hand(happening: Happening) -> str:
    """Why a schedule of an optimizer of Keras, which takes a step for each batch of a loop of theirs, counts epochs."""
    over, pace = happening.loops_over, getattr(happening.what, "fields", {}).get("pace")
    epochs, inner = turns_of(over[0]) if len(over) == 2 else None, batches_of(over[-1]) if over else None
    each = batches_an_epoch(inner)
    if pace is None or epochs is None or inner is None or inner.kind == "places" or (each or LARGE) <= 10:
        return ""
    end = spent(pace, epochs, each)
    return f"the rate is asked for at each batch: {is_over(end, each)}" if end is not None else ""


def is_over(over: int, steps: float | None) -> str:
    """When a schedule is over that is to last for all epochs."""
    return f"it is over after {over:g}, and an epoch has {'many' if steps is None else format(steps, ',.0f')}"


def early_boundaries(fit: Fit, rate: Made, epochs: float, steps: float | None) -> Iterator[Finding]:
    """A rate that is constant in pieces, all of which but the last are within the first epoch, or the first batches."""
    boundaries = [number(one) for one in items_of(rate.get("boundaries", 0)) or []]
    known = [one for one in boundaries if one is not None]
    if len(known) < max(1, len(boundaries)) or epochs < FEW or max(known) > epochs:
        return
    if (steps is not None and steps > epochs) or (steps is None and in_batches(fit)):
        last = f"its last boundary is batch {max(known):g} of {f'{steps:,.0f} in' if steps else 'the many of'} an epoch"
        yield at(RULE, rate.place, f"{rate.kind} counts batches: {last}")


def in_batches(fit: Fit) -> bool:
    """Whether a training is on images of which only a small part is in each batch, however many there are."""
    size = number(fit.batch_size)
    return isinstance(fit.images, Data) and size is not None and size <= LARGE and fit.steps is None


def wrong_unit(happening: Happening) -> str:
    """Why a scheduler of PyTorch is stepped in the wrong place; nothing where it may be right."""
    scheduler, inner = happening.what, happening.loops_over[-1] if happening.loops_over else None
    by_batch = (isinstance(inner, Data) and inner.kind == "pairs") or isinstance(inner, Stream)
    if not by_batch:
        once = scheduler.kind == "OneCycleLR" and counts_epochs(happening)
        by_epochs = scheduler.get("steps_per_epoch", 4) is not None
        return "OneCycleLR counts batches, and is stepped once an epoch" if once and by_epochs else ""
    each = batches_an_epoch(batches_of(inner))
    pace, epochs = scheduler.fields.get("pace"), turns_of(happening.loops_over[0])
    over = spent(pace, epochs, each) if pace and epochs and not happening.maybe and (each or LARGE) > 10 else None
    if over is not None:
        return f"{scheduler.kind} is stepped after every batch: {is_over(over, each)}"
    period = period_of(scheduler)
    if period is not None and not happening.maybe and each is not None and period < each:
        return f"{scheduler.kind} is stepped after every batch: its {period:g} is over within an epoch of {each:,.0f}"
    return ""


def counts_epochs(happening: Happening) -> bool:
    """Whether something happens once in each turn of a loop over a range, and of no other."""
    over = happening.loops_over[0] if len(happening.loops_over) == 1 else None
    return not happening.maybe and (isinstance(over, list) or (isinstance(over, Data) and over.kind == "places"))


def period_of(scheduler: Made) -> float | None:
    """The number by which a scheduler counts epochs."""
    if scheduler.kind == "StepLR":
        return number(scheduler.get("step_size", 1))
    if scheduler.kind == "MultiStepLR":
        given = scheduler.get("milestones", 1)
        return number(given[-1]) if isinstance(given, list | tuple) and given else None
    return number(scheduler.get("T_max", 1)) if scheduler.kind == "CosineAnnealingLR" else None
