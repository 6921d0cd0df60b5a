"""Asking: what rules want to know of a program, the same for both libraries."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.arithmetic import range_after
from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import Data, Part, overlap
from tinylens.lint.source.network import Fit, Layer, Network, Node, last_that_counts
from tinylens.lint.source.program import Happening, Program
from tinylens.lint.source.values import Made, Name, Stream, number

Wants = Literal["probabilities", "logits", "log-probabilities"]
SHAPES = ("relu", "leaky_relu", "elu", "selu", "tanh", "gelu", "silu", "softplus", "prelu", "relu6", "mish", "celu",
          "hard_sigmoid", "softsign", "exponential", "rrelu")  # fmt: skip
SHARES = ("softmax", "log_softmax", "sigmoid", "log_sigmoid")
STEP_TOLERANCE = 1e-3


def at(rule: Rule, place: Place, evidence: str) -> Finding:
    """A finding of a rule at a place."""
    return rule.found(evidence, line=place.line, cell=place.cell)


@dataclass(frozen=True, eq=False)
class Objective:
    """What a network is trained for: a loss, of what comes out and of labels.

    kind: categorical, sparse, binary, or another loss's name. wants: what it takes; None where that is not known.
    """

    place: Place
    loss: str
    kind: str
    wants: Wants | None
    output: Node | None
    labels: Any
    network: Network | None


KERAS: dict[str, str] = {
    "categoricalcrossentropy": "categorical",
    "sparsecategoricalcrossentropy": "sparse",
    "binarycrossentropy": "binary",
    "meansquarederror": "mse",
    "mse": "mse",
    "kldivergence": "divergence",
    "kullbackleiblerdivergence": "divergence",
}
BY_NAME: dict[str, tuple[str, Wants | None]] = {
    "CrossEntropyLoss": ("either", "logits"),
    "cross_entropy": ("either", "logits"),
    "NLLLoss": ("sparse", "log-probabilities"),
    "nll_loss": ("sparse", "log-probabilities"),
    "BCELoss": ("binary", "probabilities"),
    "binary_cross_entropy": ("binary", "probabilities"),
    "BCEWithLogitsLoss": ("binary", "logits"),
    "binary_cross_entropy_with_logits": ("binary", "logits"),
    "MSELoss": ("mse", None),
    "mse_loss": ("mse", None),
    "sparse_softmax_cross_entropy_with_logits": ("sparse", "logits"),
    "softmax_cross_entropy_with_logits": ("categorical", "logits"),
    "sigmoid_cross_entropy_with_logits": ("binary", "logits"),
}


def objectives(program: Program) -> Iterator[Objective]:
    """What networks are trained for: by each compile, with the labels of its trainings, and by each loss in a loop.

    A step of theirs says what becomes the loss of a compile's.
    """
    told = [one for one in program.happened if one.kind == "loss" and one.target is not None and not one.maybe]
    for network, compiled in program.compiled:
        fits = [fit for fit in network.fits if fit.compiled is compiled]
        kind, wants, name = of_keras(compiled.loss)
        if kind and not any(one.network is network and one.place == compiled.place for one in told):
            for labels in [fit.labels for fit in fits] or [None]:
                yield Objective(compiled.place, name, kind, wants, network.output, labels, network)
    for happening in program.happened:
        if happening.kind == "loss" and happening.target is not None:
            yield of_happening(happening)


def of_happening(happening: Happening) -> Objective:
    """The objective of a loss that is called."""
    node, labels = happening.target
    what = happening.what
    name = what.kind if isinstance(what, Made) else what.last if isinstance(what, Name) else str(what)
    kind, wants = BY_NAME.get(name, ("", None))
    if not kind:
        kind, wants, _ = of_keras(what)
    output = node if node is not None and not happening.maybe else None
    return Objective(happening.place, name, kind, wants, output, labels, happening.network)


def of_keras(loss: Any) -> tuple[str, Wants | None, str]:
    """The kind of a loss of Keras, what it takes, and its name."""
    name = loss if isinstance(loss, str) else loss.last if isinstance(loss, Name) else ""
    wants: Wants | None = "probabilities"
    if isinstance(loss, Made):
        name = loss.kind
        logits = loss.get("from_logits", 0, default=False)
        wants = {True: "logits", False: "probabilities"}.get(logits) if isinstance(logits, bool) else None  # type: ignore[assignment]
        wants = None if "hidden" in loss.args else wants
    kind = KERAS.get(name.lower().replace("_", ""), "")
    return kind, (wants if kind in ("categorical", "sparse", "binary") else None), name


def end_of(node: Node | None) -> tuple[str, Layer] | None:
    """The activation with which a network ends: `linear` where it ends with a linear layer; None where not known."""
    last = last_that_counts(node) if node is not None else None
    if last is None or last.layer is None:
        return None
    if last.layer.role == "activation":
        return last.layer.activation, last.layer
    return ("linear", last.layer) if last.layer.role == "linear" else None


def all_nodes(program: Program) -> list[Node]:
    """Every node of every network, each layer at each place once."""
    found: dict[tuple[Place, str, Any], Node] = {}
    for network in program.networks:
        for node in network.nodes():
            if node.layer is not None:
                before = node.inputs[0].layer if node.inputs else None
                found.setdefault((node.layer.place, node.layer.kind, before and before.place), node)
    return list(found.values())


def before(node: Node, *passing: str) -> Node | None:
    """The node before, over layers of some roles; None where there is none, or more than one."""
    current: Node | None = node
    while current is not None:
        current = current.inputs[0] if len(current.inputs) == 1 else None
        if current is None or current.layer is None:
            return None
        if current.layer.role not in passing:
            return current
    return None


def monitored(callback: Made) -> str:
    """What a callback watches."""
    found = callback.get("monitor")
    if found is None and callback.kind in ("EarlyStopping", "ReduceLROnPlateau"):
        found = callback.get(0, default="val_loss")
    if found is None and callback.kind == "ModelCheckpoint":
        found = callback.get(1, default="val_loss")
    return found if isinstance(found, str) else ""


def keeps_best(callback: Made) -> bool:
    """Whether a checkpoint callback keeps the best epoch only."""
    if callback.name.root == "lightning":
        return callback.get("monitor") is not None
    return callback.get("save_best_only", 3) is True


def deciders(fit: Fit) -> list[tuple[Made, str]]:
    """The callbacks of a training by which validation figures decide something, and what."""
    what = {"EarlyStopping": "when to stop", "ReduceLROnPlateau": "when to lower the learning rate",
            "ModelCheckpoint": "which weights to keep"}  # fmt: skip
    found = []
    for one in fit.callbacks or []:
        watches = isinstance(one, Made) and one.kind in what and monitored(one).startswith("val")
        if isinstance(one, Made) and watches and (one.kind != "ModelCheckpoint" or keeps_best(one)):
            found.append((one, what[one.kind]))
    return found


def looks(program: Program) -> Iterator[tuple[Place, Network | None, Data, str]]:
    """All looks of networks at images: to train, to validate, to judge, to predict."""
    for fit in program.fits:
        for data, how in ((fit.images, "train"), (fit.validation, "validate")):
            if isinstance(data, Data):
                yield fit.place, fit.network, data, how
    for look in program.judged:
        if isinstance(look.images, Data):
            yield look.place, look.network, look.images, look.how
    for one in program.happened:
        if one.kind == "forward" and isinstance(one.data, Data):
            yield one.place, one.network, one.data, "train" if one.grad and trains(program, one) else "judge"


def matters(network: Network) -> str:
    """A layer of a network that does something else in training; nothing where there is none that is known."""
    for node in network.nodes():
        if node.layer is not None and (node.layer.role == "dropout" or "BatchNorm" in node.layer.kind):
            functional = node.layer.kind[:1].islower()
            if not functional and not node.layer.maybe:
                return node.layer.kind
    return f"{network.name} (with its batch normalisation or dropout)" if network.opaque else ""


def trains(program: Program, forward: Happening) -> bool:
    """Whether what is looked at is learned from."""
    found = backward_after(program, forward)
    return found is not None and learns(program, found)


def backward_after(program: Program, forward: Happening) -> Happening | None:
    """The backward pass that follows a look, in the same turn of the same loop."""
    after = program.happened[program.happened.index(forward) + 1 :]
    for one in after:
        if one.kind == "backward":
            return one if one.loops == forward.loops else None
        if one.kind == "forward":
            return None
    return None


def learns(program: Program, backward: Happening) -> bool:
    """Whether a step follows a backward pass, in the turns of loops around it. Else only gradients are wanted."""
    if backward.what is not None:  # an optimizer that does both
        return True
    after = program.happened[program.happened.index(backward) + 1 :]
    return any(one.kind in ("step", "perhaps step") and one.loops == backward.loops[: len(one.loops)] for one in after)


def held_out(program: Program, images: Data) -> bool:
    """Whether images are held out: by their split or name, or as they share nothing with any that are trained on."""
    if images.roles and images.roles <= {"validation", "test"}:
        return True
    trained = [one for _, _, one, how in looks(program) if how == "train"]
    return bool(trained) and all(overlap(images, one) is False for one in trained)


def is_test(program: Program, parts: frozenset[Part]) -> bool:
    """Whether images are the test set. A part that is only called so is none where other images are judged at the end.

    Those who cut with train_test_split keep its names, X_test, for what they validate on.
    """
    if {part.role for part in parts} != {"test"}:
        return False
    if any(part.split == "test" for part in parts):
        return True
    used = {part.source for part in parts}
    return not any(
        how in ("judge", "evaluate", "predict")
        and not images.named
        and not {part.source for part in images.parts} & used
        for _, _, images, how in looks(program)
    )


def affine(data: Data) -> tuple[Any, ...] | None:
    """What was done to images, so that two ways to write the same are alike; None where it is not all known."""
    if not data.sure or not data.raw:
        return None
    scale, shift, rest = 1.0, 0.0, []
    for step in data.steps:
        by = number(step.numbers)
        if step.kind == "to_unit":
            scale, shift = scale / 255, shift / 255
        elif step.kind in ("divide", "multiply") and by:
            factor = by if step.kind == "multiply" else 1 / by
            scale, shift = scale * factor, shift * factor
        elif step.kind in ("add", "subtract") and by is not None:
            shift += by if step.kind == "add" else -by
        else:
            rest.append((step.kind, step.numbers if isinstance(step.numbers, tuple | str) else
                         getattr(step.numbers, "kind", None)))  # fmt: skip
    return (scale, shift, *rest)


def alike(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two such are the same, but for rounding."""
    close = all(
        abs(a - b) <= STEP_TOLERANCE * max(abs(a), abs(b), 1e-3) for a, b in zip(one[:2], other[:2], strict=True)
    )
    return close and one[2:] == other[2:]


def prepares_itself(network: Network | None) -> bool:
    """Whether a network begins with what prepares images, or with what is not known."""
    if network is None or network.output is None or network.opaque or network.more_outputs:
        return True
    seen = [node.layer for node in network.nodes() if node.layer is not None]
    first = [layer for layer in seen[::-1] if layer.role not in ("input", "augment", "reshape", "pad")][:1]
    risky = {layer.role for layer in seen} & {"prepare"}
    return bool(risky) or not first or first[0].role in ("norm", "prepare", "other") or first[0].maybe


def largest_value(data: Data) -> float | None:
    """The largest value that images can have; None where it is not known."""
    found = range_after(data)
    return None if found is None else max(abs(found[0]), abs(found[1]))


def turns_of(over: Any) -> float | None:
    """How many turns a loop over a range or a list of numbers has."""
    if isinstance(over, Data) and over.kind == "places":
        ends = [(cut.start, cut.stop) for part in over.parts for cut in part.cuts]
        start, stop = ends[0] if len(ends) == 1 else (None, None)
        return float(stop - (start or 0)) if isinstance(stop, int) and isinstance(start, int | None) else None
    return float(len(over)) if isinstance(over, list) and all(isinstance(one, int) for one in over) else None


def batches_an_epoch(data: Any) -> float | None:
    """How many batches make an epoch."""
    if not isinstance(data, Data) or data.count is None or not number(data.batch):
        return None
    return data.count / float(data.batch)


def batches_of(over: object) -> Data | None:
    """The batches that a loop is over, or that are counted or shown as they go by."""
    item = over.item if isinstance(over, Stream) else over
    while isinstance(item, tuple) and item:
        item = next((one for one in item if isinstance(one, tuple | Data)), None)
    return item if isinstance(item, Data) else None


def steps_of(fit: Fit) -> float | None:
    """How many batches make an epoch of a training, as it says or as its images do."""
    given, size = number(fit.steps), number(fit.batch_size)
    if given is not None:
        return given
    return fit.images.count / size if isinstance(fit.images, Data) and fit.images.count and size else None


def words(activation: str) -> str:
    """An activation as people call it."""
    return activation.replace("_", " ")
