"""TL206: the last weights are kept, though the best were looked for.

EarlyStopping stops some epochs after the best one, and leaves the network with the weights of the last: those that it
has just found to be worse. `restore_best_weights=True`, or a checkpoint of the best epoch that is loaded again, keeps
the best. Weights that are saved and never loaded keep nothing: what is judged afterwards is the last. Nor does
`best = model.state_dict()` or `best = model.variables`, without a copy: these are the very weights that go on being
trained. A network of which only the curve is looked at, to give as many epochs to another, may forget them.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, deciders, keeps_best, monitored
from tinylens.lint.source.data import Data
from tinylens.lint.source.network import Fit, inner
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Made

RULE = Rule(
    "TL206",
    "the last weights are kept, not the best",
    "warning",
    "EarlyStopping(..., restore_best_weights=True), or ModelCheckpoint(save_best_only=True) and load what it saved",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for EarlyStopping that can act and does not restore, where nothing else keeps the best weights."""
    for fit in program.fits:
        if fit.network.library != "keras" or not fit.validated or fit.callbacks is None or kept(fit):
            continue
        if only_its_curve_counts(program, fit):
            continue
        for one in fit.callbacks:
            if (
                isinstance(one, Made)
                and one.kind == "EarlyStopping"
                and forgets(one)
                and monitored(one).startswith("val")
            ):
                yield at(RULE, one.place, "training goes on past the best epoch, and the weights of its end are used")
    for place in dict.fromkeys(program.borrowed):
        yield at(RULE, place, "these are the weights themselves, which training goes on to change: copy them")
    if not program.borrowed:
        yield from remembered_and_forgotten(program)


def remembered_and_forgotten(program: Program) -> Iterator[Finding]:
    """Networks whose best weights are kept well, and which are judged with the last ones."""
    yield from saved_and_forgotten(program)
    yield from taken_and_forgotten(program)
    yield from saved_by_callback(program)


def saved_and_forgotten(program: Program) -> Iterator[Finding]:
    """Networks whose best weights are saved in a loop, and which are judged after it with the last ones."""
    for choice in program.choices:
        if choice.what != "which weights to keep" or not choice.loops or "test" in {part.role for part in choice.of}:
            continue
        earlier = [one.network for one in program.happened[: choice.after] if one.kind == "forward"]
        for one in program.happened[choice.after :]:
            after = choice.loops[0][0] not in {place for place, _ in one.loops}
            judged = one.kind == "forward" and isinstance(one.data, Data) and one.data.only("test")
            same = bool(earlier) and one.network is earlier[-1]  # the one whose figure decided
            if after and judged and same and one.network and not one.network.resets:
                yield at(RULE, one.place, f"the best weights are saved ({choice.place}), and the last are judged")


def taken_and_forgotten(program: Program) -> Iterator[Finding]:
    """Networks of Keras whose best weights are kept in a loop, and which are evaluated after it with the last ones."""
    for look in program.judged:
        of_test = isinstance(look.images, Data) and look.images.only("test")
        if look.how != "evaluate" or look.network.resets or not of_test:
            continue
        around = {place for place, _ in look.loops}
        watched = [one.images.parts for one in program.judged[: program.judged.index(look)]
                   if one.network is look.network and isinstance(one.images, Data)]  # fmt: skip
        for choice in program.choices[: look.choices]:
            in_loop = bool(choice.loops) and choice.loops[0][0] not in around
            held_out = "test" not in {part.role for part in choice.of}
            if choice.what == "which weights to keep" and in_loop and held_out and choice.of in watched:
                yield at(RULE, look.place, f"the best weights are saved ({choice.place}), and the last are judged")
                break


def saved_by_callback(program: Program) -> Iterator[Finding]:
    """Networks whose best weights a callback saves, and which are evaluated with the last ones."""
    for look in program.judged:
        fit = look.network.fits[look.fits - 1] if 0 < look.fits <= len(look.network.fits) else None
        if fit is None or look.how != "evaluate" or look.network.resets or fit.network.library != "keras":
            continue
        saves = [one for one, what in deciders(fit) if what == "which weights to keep"]
        restores = any(isinstance(one, Made) and one.get("restore_best_weights", 6) for one in fit.callbacks or [])
        other = isinstance(look.images, Data) and look.images.roles <= {"test"}
        if saves and not restores and other and fit.validated:
            yield at(RULE, look.place, f"the best weights are saved ({saves[0].place}), and the last are judged")


def forgets(callback: Made) -> bool:
    """Whether the best weights are not restored, for sure."""
    return callback.get("restore_best_weights", 6, default=False) is False and "hidden" not in callback.args


def only_its_curve_counts(program: Program, fit: Fit) -> bool:
    """Whether a network is not so much as named after its training, while others are judged: it was to find a number.

    How many epochs are best, for example, of which a fresh network is then given as many.
    """
    if program.unread or inner(fit.network) or fit.named != fit.network.named:
        return False
    return any(one.network is not fit.network for one in program.judged)


def kept(fit: Fit) -> bool:
    """Whether another callback, or one that is not known, may keep the best weights."""
    others = [one for one in fit.callbacks or [] if not (isinstance(one, Made) and one.kind == "EarlyStopping")]
    known = ("ReduceLROnPlateau", "LearningRateScheduler", "TensorBoard", "CSVLogger", "History", "TerminateOnNaN")
    return any(
        not isinstance(one, Made) or (keeps_best(one) if one.kind == "ModelCheckpoint" else one.kind not in known)
        for one in others
    )
