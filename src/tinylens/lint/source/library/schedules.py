"""Schedules of theirs: what a function, or an object that is called, gives as the rate at a step."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.network import Compiled
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


def pace_of_optimizer(reading: Reading, compiled: Compiled | None) -> tuple[Any, Pace | None]:
    """The schedule of theirs that an optimizer of Keras is given, which is asked for the rate at each step."""
    optimizer = compiled.optimizer if compiled is not None else None
    schedule = optimizer.get("learning_rate", "lr", 0) if isinstance(optimizer, Made) else None
    own = isinstance(schedule, Thing) and isinstance(schedule.cls.lookup("__call__"), Function)
    return (schedule, pace_of(reading, schedule)) if own else (None, None)


def lambda_scheduler(call: Call) -> Any:
    """LambdaLR: the function that gives the factor."""
    made = call.made()
    function = made.get("lr_lambda", 1)
    if isinstance(function, Function):
        call.reading.program.schedules.append((call.place, function))
    made.fields["pace"] = pace_of(call.reading, function)
    return made


FUNCTIONS = {"torch:LambdaLR": lambda_scheduler}
METHODS: dict[str, Any] = {}
