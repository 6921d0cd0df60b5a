"""TL212: networks that are compared were not trained alike.

Several networks are trained on the same images and judged on the same test images, for other numbers of epochs, with
nothing that stops each where it is best. What looks like the better network may be the one that was trained for
longer. Silent where the networks are alike, so that the number of epochs is what is tried out, and where one of them
teaches another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, batches_of, turns_of
from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import Data
from tinylens.lint.source.network import Fit, Network
from tinylens.lint.source.program import Happening, Program
from tinylens.lint.source.values import Made, Name, Unknown, number

RULE = Rule(
    "TL212",
    "networks that are compared were not trained alike",
    "warning",
    "the same number of epochs for all, or early stopping on validation images for all",
)
KINDS = ("forward", "loss", "backward", "step")
HELD_OUT = {"test", "validation"}


@dataclass(frozen=True, eq=False)
class Course:
    """A training of a network that is trained once. of: where the network, or its training, stands.

    fair: what has to be the same for two to be compared. settings: all that is known of it but the epochs.
    """

    place: Place
    of: Place
    epochs: float
    fair: tuple[Any, ...]
    settings: tuple[Any, ...]


def check(program: Program) -> Iterator[Finding]:
    """Fires where networks with one training each, and no early stopping, are evaluated on the same images."""
    for courses in (list(by_call(program)), list(by_hand(program))):
        budgets: dict[Any, set[float]] = {}
        for one in courses:
            budgets.setdefault(one.settings, set()).add(one.epochs)
        first: dict[Any, Course] = {}
        for one in courses:
            if len(budgets[one.settings]) > 1:  # the number of epochs is what is tried out
                continue
            before = first.setdefault(one.fair, one)
            if one.epochs != before.epochs:
                yield at(RULE, one.place, f"{one.epochs:g} epochs for the network of {one.of}; that of {before.of} "
                         f"got {before.epochs:g}")  # fmt: skip


def by_call(program: Program) -> Iterator[Course]:
    """Trainings by `fit`."""
    judged = {id(look.network): look.images.parts for look in program.judged
              if look.how == "evaluate" and isinstance(look.images, Data)}  # fmt: skip
    for fit in program.fits:
        if id(fit.network) not in judged or len(fit.network.fits) != 1 or not comparable(fit):
            continue
        optimizer = fit.compiled.optimizer if fit.compiled is not None else None
        settings = (makeup(fit.network), told(optimizer), str(fit.batch_size), fit.images.parts)
        fair = (judged[id(fit.network)], fit.images.parts)
        yield Course(fit.place, fit.place, number(fit.epochs) or 0.0, fair, settings)


def by_hand(program: Program) -> Iterator[Course]:
    """Trainings in one loop of theirs, of which the number of turns is known, and that ends with the last."""
    others = helpers(program)
    happened = {kind: [one for one in program.happened if one.kind == kind] for kind in KINDS}
    for network in program.networks:
        mine = {kind: [one for one in happened[kind] if one.network is network] for kind in KINDS}
        loops = {epochs_around(one) for one in mine["backward"]}
        loop = next(iter(loops)) if len(loops) == 1 else None
        if loop is None or id(network) in others or not mine["loss"] or loop[1] in program.left_early:
            continue
        held = [one for one in mine["forward"] if isinstance(one.data, Data) and one.data.roles <= HELD_OUT]
        after = [one.data.parts for one in held if loop[1] not in {place for place, _ in one.loops}]
        trained = [one.data.of for one in mine["backward"] if isinstance(one.data, Unknown)]
        if after and trained:
            rates = tuple(told(one.what) for one in mine["step"][:1])
            fair = (frozenset().union(*after), frozenset().union(*trained), told(mine["loss"][0].what)[:1])
            yield Course(loop[1], network.place, loop[2], fair, (makeup(network), rates, trained[0]))


def epochs_around(backward: Happening) -> tuple[Any, Place, float] | None:
    """The loop over epochs around a backward pass: the loops around it, its place and its turns; None where none is."""
    around = list(zip(backward.loops, backward.loops_over, strict=True))
    if len(around) < 2 or batches_of(around[-1][1]) is None:
        return None
    for i in range(len(around) - 2, -1, -1):
        turns = turns_of(around[i][1])
        if turns is not None:
            return tuple(backward.loops[:i]), around[i][0][0], turns
    return None


def helpers(program: Program) -> set[int]:
    """Networks that are looked through for a step of another one, and those others."""
    found: set[int] = set()
    looks: list[Happening] = []
    for one in program.happened:
        if one.kind == "forward":
            looks.append(one)
        elif one.kind == "backward":
            others = [look for look in looks if look.network is not one.network and look.loops == one.loops]
            found |= {id(network) for look in others for network in (look.network, one.network)}
            looks = []
    return found


def makeup(network: Network) -> tuple[Any, ...]:
    """What a network is made of, to know whether two are alike."""
    layers = [node.layer for node in network.nodes() if node.layer is not None]
    if network.opaque or not layers:
        return (network.name, network.place)
    return tuple((layer.kind, *told(layer.made)) for layer in layers)


def told(what: Any) -> tuple[Any, ...]:
    """What is known of an optimizer, a loss or a layer: its name, and its arguments that are known."""
    if not isinstance(what, Made):
        return (getattr(what, "last", what) if isinstance(what, Name | str) else "",)
    return (what.kind, *(pair for pair in what.args.items() if isinstance(pair[1], str | int | float | bool)))


def comparable(fit: Fit) -> bool:
    """Whether the length of a training is known, and fixed."""
    stops = fit.callbacks is None or any(
        not isinstance(one, Made) or one.kind == "EarlyStopping" for one in fit.callbacks
    )
    return isinstance(fit.images, Data) and fit.known and number(fit.epochs) is not None and not stops and not fit.steps
