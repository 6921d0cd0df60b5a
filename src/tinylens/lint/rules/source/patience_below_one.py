"""TL205: patience is less than one epoch.

Patience counts epochs. A number between 0 and 1 is no share of the epochs: training stops after the first epoch that
is not better than the best, whatever the noise. By hand it is easily counted in the inner loop, over batches, or over
checks of which there are many in an epoch: then training stops within an epoch. A trainer of Lightning that validates
several times an epoch (val_check_interval) counts these times.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, batches_an_epoch, batches_of, trains
from tinylens.lint.source.network import Fit
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Made, number

RULE = Rule(
    "TL205",
    "patience is less than one epoch",
    "error",
    "give a whole number of epochs, 2 or more where epochs are noisy",
)
FEW = 10  # batches, where it is not known how many an epoch has


def check(program: Program) -> Iterator[Finding]:
    """Fires for a patience between 0 and 1, below 0, and of less batches than an epoch has."""
    for callback in program.all_made("EarlyStopping", "ReduceLROnPlateau"):
        place = 2 if callback.kind == "EarlyStopping" and callback.name.root == "keras" else 3
        patience = number(callback.get("patience", place if callback.name.root != "torch" else 3))
        if patience is not None and (0 < patience < 1 or patience < 0):
            yield at(RULE, callback.place, f"{callback.kind} has patience={patience:g}")
    yield from in_checks(program)
    yield from in_batches(program)


def in_checks(program: Program) -> Iterator[Finding]:
    """Patience that counts validations, of which a trainer of Lightning makes more in an epoch."""
    for fit in program.fits:
        for stopper in fit.callbacks or []:
            trainer = stopper.fields.get("trainer") if isinstance(stopper, Made) else None
            if not isinstance(trainer, Made) or stopper.kind != "EarlyStopping" or stopper.get("hidden"):
                continue
            patience, checks = number(stopper.get("patience", 2, default=3)), checks_an_epoch(trainer, fit)
            by_validation = stopper.get("check_on_train_epoch_end", default=False) is False
            if patience is not None and checks is not None and 0 <= patience < checks and by_validation:
                yield at(RULE, stopper.place, f"patience={patience:g} counts validations, of which an epoch has "
                         f"{checks:.3g} ({trainer.place})")  # fmt: skip


def checks_an_epoch(trainer: Made, fit: Fit) -> float | None:
    """How often a trainer of Lightning validates in an epoch, where that is more than once and known."""
    interval, batches = trainer.get("val_check_interval"), batches_an_epoch(fit.images)
    if trainer.get("check_val_every_n_epoch", default=1) != 1:
        return None
    if isinstance(interval, float):
        return 1 / interval if 0 < interval < 1 else None
    if not isinstance(interval, int) or isinstance(interval, bool) or interval < 1 or batches is None:
        return None
    return batches / interval if batches > interval else None


def in_batches(program: Program) -> Iterator[Finding]:
    """Counters of a loop over batches, in which a network learns, that are held against a patience."""
    learning = {one.loops[-1][0] for one in program.happened if one.kind == "backward" and one.loops}
    learned = {one.loops[-1][0]: one.data for one in program.happened
               if one.kind == "forward" and one.loops and trains(program, one)}  # fmt: skip
    for one in program.patience:
        most, batches = number(one.number), batches_of(one.over)
        counted = batches is None or batches.kind == "places"  # a loop over steps, which takes the next batch in each
        each = batches_an_epoch(learned.get(one.loop) if counted else batches)
        if most is None or one.loop not in learning or one.loop in program.skipping or (counted and each is None):
            continue
        if most * one.every < (each if each is not None else FEW):
            counts = "batches" if one.every == 1 else f"checks, one in {one.every} batches"
            batches_until = "them" if one.every == 1 else f"these, {most * one.every:g} batches"
            of = f", of which an epoch has {each:,.0f}" if each is not None else ""
            yield at(RULE, one.place, f"{one.counter} counts {counts}, and training stops after {most:g} of "
                     f"{batches_until}{of}")  # fmt: skip
