"""TL209: runs that are compared go on with each other's weights.

The same network is trained again with another batch size, optimizer, learning rate or fold, without being built anew:
the second run starts where the first one ended. What looks like the better setting is the one that came later.
`compile` does not give a network new weights, nor does `load_state_dict` of its own, which were kept without a copy. A
network that is built anew for every run goes on too, where what it is built around is not, and learns.
"""

from collections.abc import Iterator
from itertools import pairwise

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, looks
from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import Data
from tinylens.lint.source.network import Fit, Network, Standing, inner
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Made, Symbol, number

RULE = Rule(
    "TL209",
    "runs that are compared go on with each other's weights",
    "error",
    "build the network anew for every run, inside the loop, or keep its first weights and set them again",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for a second training of the same weights with other settings, and for optimizers made in a loop."""
    for network in program.networks:
        for before, fit in pairwise(network.fits):
            why = other_setting(before, fit) if before.resets == fit.resets else ""
            if why:
                place = fit.place if fit.place != before.place else before.place
                yield at(RULE, place, f"{why}, on the weights that the training before ({before.place}) left")
    yield from around_one(program)
    yield from by_hand(program)
    if not any(fit.network.library == "keras" for fit in program.fits):
        yield from folds_by_hand(program)


def around_one(program: Program) -> Iterator[Finding]:
    """Networks that are built anew for each run, around one that is not, and learns in all of them."""
    runs: dict[int, tuple[Network, list[Fit]]] = {}
    for fit in program.fits:
        for one in inner(fit.network):
            if fit.standing.get(id(one), (0, False))[1] in (None, True):
                runs.setdefault(id(one), (one, []))[1].append(fit)
    for shared, fits in runs.values():
        for before, fit in pairwise(fits):
            same = same_images(before.images, fit.images) or new_fold(before, fit)
            again = fit.place == before.place and before.frozen == fit.frozen
            if again and same and goes_on(shared, (before.network, before.standing), (fit.network, fit.standing)):
                yield at(RULE, fit.place, f"each run trains the same {shared.name} ({shared.place}) within its network")
                break


def goes_on(shared: Network, before: tuple[Network, Standing], after: tuple[Network, Standing]) -> bool:
    """Whether of two networks that one line built, the second begins with what the first left in one that both use."""
    (first, then), (second, now) = before, after
    built = first is not second and first.place == second.place and not now.get(id(second), (0, None))[0]
    return built and has_weights(shared) and id(shared) in then and then[id(shared)][0] == now[id(shared)][0]


def has_weights(network: Network) -> bool:
    """Whether a network is known to learn, as one that only augments images does not."""
    known = any(node.layer is not None and node.layer.role in ("linear", "norm") for node in network.nodes())
    return known or (network.opaque and not network.sequential)


def same_images(one: object, other: object) -> bool:
    """Whether two trainings see the same images, as far as it is known."""
    data = isinstance(one, Data) and isinstance(other, Data) and (one.parts, one.size) == (other.parts, other.size)
    return one is other or data


def other_setting(before: Fit, fit: Fit) -> str:
    """What is compared by two trainings; nothing where the second one may be meant to go on."""
    if new_fold(before, fit):
        return "another fold is trained, whose validation images were trained on before"
    if before.frozen != fit.frozen:
        return ""  # other parts learn now: it is meant to go on
    sizes = before.batch_size, fit.batch_size
    if differ(*sizes):
        known = [f"{number(one):g}" for one in sizes[::-1] if number(one) is not None]
        return f"batch size {' after '.join(known)} is tried" if len(known) == 2 else "another batch size is tried"
    in_loop = bool(fit.loops) and before.place == fit.place
    if in_loop and differ(before.rate, fit.rate):
        return "another learning rate is tried"
    recompiled = (
        before.compiled is not fit.compiled and fit.compiled is not None and fit.compiled.loops[:1] == fit.loops[:1]
    )
    if not in_loop or not recompiled or before.compiled is None or fit.compiled is None:
        return ""
    other = changed(before.compiled.optimizer, fit.compiled.optimizer)
    return "another optimizer, or another setting of it, is tried" if other else ""


def differ(one: object, other: object) -> bool:
    """Whether two settings are surely not the same: other numbers, or values of a loop that is not known."""
    if number(one) is not None and number(other) is not None:
        return one != other
    return isinstance(one, Symbol) and isinstance(other, Symbol) and one != other and one.text.startswith("turn ")


def changed(one: object, other: object) -> bool:
    """Whether two optimizers differ in kind, or in rate or another number."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() != other.lower()
    if isinstance(one, Made) and isinstance(other, Made):
        settings = [key for key in one.args if key in other.args]
        return one.kind != other.kind or any(differ(one.args[key], other.args[key]) for key in settings)
    return False


def new_fold(before: Fit, fit: Fit) -> bool:
    """Whether both are folds of a cross-validation."""
    folds = [fold_of(one.images) for one in (before, fit)]
    return None not in folds and folds[0] != folds[1]


def fold_of(images: object) -> str | None:
    """The fold that images are of."""
    if not isinstance(images, Data):
        return None
    knives = [cut.knife for part in images.parts for at_cut in part.cuts if isinstance(at_cut.side, Data)
              for inner in at_cut.side.parts for cut in inner.cuts]  # fmt: skip
    return next((knife for knife in knives if knife.startswith("fold")), None)


def folds_by_hand(program: Program) -> Iterator[Finding]:
    """Folds that a loop by hand trains the same network on."""
    folds: dict[int, str] = {}
    for place, network, images, how in looks(program):
        fold = fold_of(images) if how == "train" and network is not None and not network.resets else None
        if fold is not None and folds.setdefault(id(network), fold) != fold:
            yield at(RULE, place, "another fold is trained, whose validation images were trained on before")


def by_hand(program: Program) -> Iterator[Finding]:
    """Optimizers that are made for the same weights in turns of one loop, with other rates, and both used."""
    made: dict[tuple[int, Place], tuple[Network, list[Made]]] = {}
    used = {id(one.what) for one in program.happened if one.kind == "step"}
    for one in program.made:
        network, loops = one.fields.get("network"), one.fields.get("loops")
        if isinstance(network, Network) and loops and id(one) in used and not network.frozen:
            for part in (network, *inner(network)):
                made.setdefault((id(part), loops[-1][0]), (part, []))[1].append(one)
    for part, group in made.values():
        for first, second in pairwise(group):
            if first.place == second.place and continued(program, part, first, second):
                yield at(RULE, second.place, "each turn of the loop makes another optimizer for the same weights")
                break


def continued(program: Program, part: Network, first: Made, second: Made) -> bool:
    """Whether another optimizer goes on with the weights that the first left in a network, or in one that both use."""
    before, after = ((one.fields["network"], one.fields["standing"]) for one in (first, second))
    if before[0] is part or after[0] is part:
        meant = bool(part.resets) and not part.set_in_vain  # stages of one training, of which the best is taken
        same = before[0] is after[0] and before[1][id(part)] == after[1][id(part)]
        return same and not meant and changed(first, second)
    return goes_on(part, before, after) and same_images(*(trained_on(program, one) for one, _ in (before, after)))


def trained_on(program: Program, network: Network) -> Data | None:
    """The images that a network sees first, where it may learn from them."""
    forward = (one.data for one in program.happened if one.kind == "forward" and one.network is network and one.grad)
    return next((data for data in forward if isinstance(data, Data)), None)
