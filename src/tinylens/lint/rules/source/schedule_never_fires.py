"""TL501: a schedule that cannot fire within the epochs trained.

The learning rate is to change, or training to stop, after more epochs than there are. The setting looks like a part
of the method, and has no part in the result.
"""

import ast
from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, steps_of, turns_of
from tinylens.lint.source.network import Fit
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Function, Made, number

RULE = Rule(
    "TL501",
    "a schedule that never fires",
    "warning",
    "give it epochs that are reached, or leave it out",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for patience, steps, milestones and conditions on the epoch that lie at or beyond the last one."""
    for fit in program.fits:
        epochs = number(fit.epochs)
        for one in fit.callbacks or [] if epochs is not None and len(fit.network.fits) == 1 else []:
            why = late_callback(one, epochs) if isinstance(one, Made) and epochs is not None else ""
            if why:
                yield at(RULE, one.place, why)
        yield from in_optimizer(fit)
    yield from by_hand(program)
    for place, condition, last in program.late:
        yield at(RULE, place, f"the rate is to change where {condition}, and the loop ends at {last:g}")


def late_callback(callback: Made, epochs: float) -> str:
    """Why a callback never acts; nothing where it may."""
    trainer = callback.fields.get("trainer")
    if isinstance(trainer, Made) and trainer.get("val_check_interval", default=1.0) != 1.0:
        return ""  # it counts validations, which are no epochs
    if callback.kind in ("ReduceLROnPlateau", "EarlyStopping"):
        patience = number(callback.get("patience", 2))
        late = patience is not None and patience >= epochs > 1 and callback.get("restore_best_weights") is None
        return f"{callback.kind} waits {patience:g} epochs, and there are {epochs:g}" if late else ""
    schedule = callback.get("schedule", 0)
    if callback.kind == "LearningRateScheduler" and isinstance(schedule, Function):
        first = first_threshold(schedule)
        if first is not None and first >= epochs:
            return f"the schedule first changes the rate at epoch {first:g}, and there are {epochs:g}"
    return ""


def first_threshold(function: Function) -> float | None:
    """The least epoch that a schedule asks for; None where it does more with the epoch than compare it."""
    names = [one.arg for one in function.node.args.args if one.arg != "self"]
    uses = [one for one in ast.walk(function.node) if isinstance(one, ast.Name) and names and one.id == names[0]]
    found: list[float | None] = []
    compared = 0
    for one in ast.walk(function.node):
        if isinstance(one, ast.BinOp) and (every := every_so_many(one, names[:1])) is not None:
            compared += 1
            found.append(every)
        if isinstance(one, ast.Compare) and isinstance(one.left, ast.Name) and one.left.id in names[:1]:
            compared += 1
            value = one.comparators[0]
            if isinstance(one.ops[0], ast.Lt | ast.LtE | ast.NotEq | ast.NotIn) or not isinstance(value, ast.Constant):
                known = isinstance(value, ast.Constant) and number(value.value) is not None
                if not known or not isinstance(one.ops[0], ast.Lt | ast.LtE):
                    return None
            found.append(number(value.value) if isinstance(value, ast.Constant) else None)
    if not found or None in found or compared != len(uses):
        return None
    return min(one for one in found if one is not None)


def every_so_many(node: ast.BinOp, names: list[str]) -> float | None:
    """30 of `epoch // 30`; None for anything else."""
    parts = isinstance(node.op, ast.FloorDiv) and isinstance(node.left, ast.Name) and node.left.id in names
    return number(node.right.value) if parts and isinstance(node.right, ast.Constant) else None


def in_optimizer(fit: Fit) -> Iterator[Finding]:
    """A schedule of steps that is given to the optimizer of Keras."""
    optimizer = fit.compiled.optimizer if fit.compiled is not None else None
    rate = optimizer.get("learning_rate", "lr", 0) if isinstance(optimizer, Made) else None
    each, epochs = steps_of(fit), number(fit.epochs)
    if not isinstance(rate, Made) or each is None or epochs is None:
        return
    steps = each * epochs
    if rate.kind == "PiecewiseConstantDecay":
        bounds = rate.get("boundaries", 0)
        numbers = [number(one) for one in bounds] if isinstance(bounds, list | tuple) else []
        first = numbers[0] if numbers else None
    elif rate.kind == "ExponentialDecay" and rate.get("staircase", 3) is True:
        first = number(rate.get("decay_steps", 1))
    else:
        return
    if first is not None and first >= steps:
        yield at(
            RULE, rate.place, f"{rate.kind} first changes the rate at step {first:,.0f}, and there are {steps:,.0f}"
        )


def by_hand(program: Program) -> Iterator[Finding]:
    """Schedulers of PyTorch that are stepped once an epoch, by a loop or by a trainer."""
    for paced in program.paced:
        if paced.interval == "epoch":
            yield from late(paced.scheduler, number(paced.epochs))
    for one in program.happened:
        if one.kind != "scheduler" or not isinstance(one.what, Made):
            continue
        yield from late(one.what, turns_of(one.loops_over[0]) if len(one.loops_over) == 1 else None)  # not in batches


def late(scheduler: Made, epochs: float | None) -> Iterator[Finding]:
    """A scheduler that first changes the rate when all epochs are over."""
    first, name = first_change(scheduler)
    if epochs is not None and first is not None and first >= epochs > 1:
        yield at(
            RULE, scheduler.place, f"{name} first changes the rate after {first:g} epochs, and there are {epochs:g}"
        )


def first_change(scheduler: Made) -> tuple[float | None, str]:
    """The step at which a scheduler first changes the rate."""
    if scheduler.kind == "StepLR":
        return number(scheduler.get("step_size", 1)), scheduler.kind
    if scheduler.kind == "MultiStepLR":
        given = scheduler.get("milestones", 1)
        numbers = [number(one) for one in given] if isinstance(given, list | tuple) else [None]
        known = [one for one in numbers if one is not None]
        return (min(known) if known and len(known) == len(numbers) else None), scheduler.kind
    if scheduler.kind == "ReduceLROnPlateau":
        return number(scheduler.get("patience", 3, default=10)), scheduler.kind
    return None, scheduler.kind
