"""TL204: a callback watches validation figures, and there are none.

EarlyStopping, ModelCheckpoint and ReduceLROnPlateau watch `val_loss` unless they are told otherwise. Without
validation data there is no such figure: Keras warns once and does nothing, and the training runs to its last epoch.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, deciders
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL204",
    "a validation figure is watched, but there is no validation data",
    "error",
    "give validation_split or validation_data, cut from the training images",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires where a callback watches val_* in a training whose arguments are all known and have no validation."""
    for fit in program.fits:
        if fit.validated or not fit.known or fit.network.library != "keras":
            continue
        for callback, _ in deciders(fit):
            yield at(
                RULE, fit.place, f"{callback.kind} ({callback.place}) watches a validation figure, and none is made"
            )
