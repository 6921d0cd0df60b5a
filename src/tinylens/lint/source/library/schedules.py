"""Schedules of theirs: what a function, or an object that is called, gives as the rate at a step."""

import math
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.pacing import Pace
from tinylens.lint.source.reading import Exhausted, Leave, Reading
from tinylens.lint.source.values import Function, Made, Thing, number


def pace_of(reading: Reading, schedule: Any) -> Pace:
    """The rate at a step, as a schedule gives it; None where that is not known."""

    def pace(step: int) -> float | None:
        from tinylens.lint.source.calling import call

        try:
            return number(call(reading, schedule, [step], {}, getattr(schedule, "place", None)))
        except (Leave, Exhausted, RecursionError, AttributeError, TypeError, ValueError, LookupError, ArithmeticError):
            return None

    return pace


def pace_of_optimizer(reading: Reading, optimizer: Any) -> tuple[Any, Pace | None]:
    """The schedule of theirs that an optimizer of Keras is given, which is asked for the rate at each step."""
    schedule = optimizer.get("learning_rate", "lr", 0) if isinstance(optimizer, Made) else None
    own = isinstance(schedule, Thing) and isinstance(schedule.cls.lookup("__call__"), Function)
    return (schedule, pace_of(reading, schedule)) if own else (None, None)


def of_keras(call: Call) -> Any:
    """CosineDecay, PolynomialDecay: the rate at a step, as a schedule of theirs asks for it."""
    made, step = call.of, number(call.get(0, "step"))
    rate, over = number(made.get("initial_learning_rate", 0)), number(made.get("decay_steps", 1))
    if step is None or rate is None or not over or "warmup_target" in made.args:
        return call.unknown
    cosine = made.kind == "CosineDecay"
    least = number(made.get("alpha", 2, default=0.0) if cosine else made.get("end_learning_rate", 2, default=1e-4))
    power = number(made.get("power", 3, default=1.0))
    if least is None or power is None:
        return call.unknown
    left = 1 - min(max(step, 0), over) / over
    if cosine:
        return rate * (least + (1 - least) * 0.5 * (1 + math.cos(math.pi * (1 - left))))
    return least + (rate - least) * left**power


def lambda_scheduler(call: Call) -> Any:
    """LambdaLR: the function that gives the factor."""
    made = call.made()
    function = made.get("lr_lambda", 1)
    if isinstance(function, Function):
        call.reading.program.schedules.append((call.place, function))
    made.fields["pace"] = pace_of(call.reading, function)
    return made


FUNCTIONS = {"torch:LambdaLR": lambda_scheduler}
METHODS = {f"{kind}.__call__": of_keras for kind in ("CosineDecay", "PolynomialDecay")}
