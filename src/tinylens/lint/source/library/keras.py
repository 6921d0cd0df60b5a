"""What Keras does: data sets, labels, compile and fit, generators of augmented images."""

import ast
from dataclasses import replace
from typing import Any, Literal

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import SETS, Cut, Data, Part, role_in
from tinylens.lint.source.deriving import derived, parts_of
from tinylens.lint.source.items import items_of, one_item
from tinylens.lint.source.library.chance import seeded
from tinylens.lint.source.library.layers import happen, network_of
from tinylens.lint.source.library.schedules import pace_of_optimizer
from tinylens.lint.source.library.steps import enter_step, owner_of
from tinylens.lint.source.network import Compiled, Fit, Judged, Network, Node
from tinylens.lint.source.program import Fitted
from tinylens.lint.source.values import Function, Made, Name, Stream, Thing, Unknown, number, text_of, whole


def load_data(call: Call) -> Any:
    """keras.datasets.cifar10.load_data(): ((x, y), (x, y))."""
    name = call.name.path.split(".")[-2] if "." in call.name.path else ""
    if name not in SETS:
        return call.unknown
    coarse = name == "cifar100" and call.get("label_mode", 0) == "coarse"
    train, test = (known_data(call, name, split, 20 if coarse else None) for split in ("train", "test"))
    return tuple((replace(one, kind="images", labels=None), one.labels) for one in (train, test))


def known_data(call: Call, name: str, split: Literal["train", "test"], classes: int | None = None) -> Data:
    """A split of a data set that is known by name: images in 0 .. 255 and labels from 0."""
    known = SETS[name]
    parts = frozenset({Part(name, split)})
    count, found = (known.train if split == "train" else known.test), classes or known.classes
    labels = Data("labels", parts, count=count, classes=found, encoding="sparse", source=name)
    data = Data("pairs", parts, size=known.size, channels=known.channels, count=count, classes=found, labels=labels,
                raw=True, source=name)  # fmt: skip
    call.reading.program.images = call.reading.program.images or replace(data, kind="images", labels=None)
    return data


def one_hot(call: Call) -> Any:
    """to_categorical, tf.one_hot, F.one_hot, get_dummies."""
    labels = call.get(0, "y", "x", "indices", "tensor", "data")
    if not isinstance(labels, Data):
        return call.unknown
    classes = whole(call.get(1, "num_classes", "depth", "nb_classes"))
    return replace(labels, encoding="onehot", classes=classes or labels.classes)


def compile_model(call: Call) -> Any:
    """model.compile."""
    network = owner_of(call)
    if network is None:
        return None
    loss = call.get("loss", 1)
    while isinstance(loss, list | tuple) and len(loss) == 1:
        loss = loss[0]
    loops = tuple(place for place, _ in call.reading.loops)
    network.compiled = Compiled(call.place, loss, call.get("optimizer", 0), loops)
    call.reading.program.compiled.append((network, network.compiled))
    return None


def fit(call: Call) -> Any:
    """model.fit and fit_generator: a training; callbacks of theirs are gone through as at the start of an epoch."""
    network = network_of(call.of)
    if network is None:
        return call.unknown
    images, labels = pair_of(call.get("x", "generator", 0), call.get("y") or second(call))
    validation = call.get("validation_data")
    held, held_labels = pair_of(validation, None)
    callbacks = call.get("callbacks", default=[])
    callbacks = [callbacks] if isinstance(callbacks, Made | Thing) else items_of(callbacks)
    found = Fit(
        call.place, network, images, labels, held, held_labels, call.get("validation_split"),
        None if callbacks is None else list(callbacks), call.get("epochs", "nb_epoch", "n_epochs", default=1),
        call.get("batch_size", default=batch_size(images)), call.get("steps_per_epoch", "samples_per_epoch"),
        network.compiled, tuple(place for place, _ in call.reading.loops), call.complete, network.resets,
    )  # fmt: skip
    optimizer = network.compiled.optimizer if network.compiled is not None else None
    found.schedule, found.pace = pace_of_optimizer(call.reading, optimizer)
    found.rate = network.fields.get("rate")
    found.frozen = max(one.frozen for one in call.reading.program.networks)
    found.standing, found.named = call.reading.program.standing(), network.named
    if found.share in (0, 0.0):
        found.share = None
    network.fits.append(found)
    call.reading.program.fits.append(found)
    for callback in found.callbacks or []:
        enter_callback(call, callback, network)
    enter_step(call, network, images, labels, "train")
    if validation is not None:
        enter_step(call, network, held, held_labels, "validation")
    return Made(Name("keras.History"), {"fit": found}, call.place)


def unpacked(call: Call) -> Any:
    """keras.utils.unpack_x_y_sample_weight."""
    given = call.get(0, "data")
    return (*given, None) if isinstance(given, tuple) and len(given) == 2 else given


def second(call: Call) -> Any:
    """The second argument, where it is labels."""
    value = call.get(1)
    return value if isinstance(value, Data | Unknown | Stream) or value is None else None


def batch_size(images: Any) -> Any:
    """How many images a batch has: of a loader, what it was made with; else 32."""
    return images.batch if isinstance(images, Data) and images.batch is not None else 32


def pair_of(images: Any, labels: Any) -> tuple[Any, Any]:
    """Images and labels, from two values, a tuple of both, or what holds both."""
    if isinstance(images, Stream):
        images = one_item(images)
    if isinstance(images, tuple | list) and len(images) >= 2 and labels is None:
        return images[0], images[1]
    if isinstance(images, Data) and images.kind == "pairs":
        inner = images.labels or Data("labels", images.parts, sure=images.sure, named=images.named)
        return replace(images, kind="images", labels=None), inner
    return images, labels


def enter_callback(call: Call, callback: Any, network: Network) -> None:
    """Go through the hooks of a callback of theirs; note the function that a schedule is given."""
    from tinylens.lint.source.calling import bound_to, enter

    if isinstance(callback, Made):
        schedule = callback.get("schedule", 0)
        if isinstance(schedule, Function) and callback.kind == "LearningRateScheduler":
            call.reading.program.schedules.append((callback.place, schedule))
        return
    if not isinstance(callback, Thing):
        return
    callback.fields["model"] = network
    for name, value in list(callback.fields.items()):
        if isinstance(value, Function) and "sched" in name.lower():
            call.reading.program.schedules.append((callback.place, value))
    for hook in ("on_train_begin", "on_epoch_begin", "on_epoch_end"):
        function = callback.cls.lookup(hook)
        if isinstance(function, Function):
            enter(call.reading, bound_to(function, callback), [], {})


def judge(call: Call) -> Any:
    """model.evaluate, model.predict: a look at images."""
    network = network_of(call.of)
    if network is None:
        return call.unknown
    how = "evaluate" if "evaluate" in call.name.last else "predict"
    given = call.get("x", "generator", 0)
    images, labels = pair_of(given, call.get("y") or (second(call) if how == "evaluate" else None))
    before, loops = len(call.reading.program.choices), tuple(call.reading.loops)
    call.reading.program.judged.append(
        Judged(call.place, network, images, labels, how, len(network.fits), before, loops)
    )
    if how == "evaluate":
        enter_step(call, network, images, labels, "validation")
    shuffled = isinstance(given, Data) and given.source == "flow" and given.shuffled is not False
    found = Unknown(parts_of(images), "shuffled flow" if shuffled else "", True, network)
    return [found, found] if how == "evaluate" else found


def train_on_batch(call: Call) -> Any:
    """model.train_on_batch."""
    images = call.get("x", 0)
    return [Unknown(parts_of(images), "", True, network_of(call.of))] * 2


def apply_gradients(call: Call) -> Any:
    """optimizer.apply_gradients(zip(gradients, weights)): what follows backward and step elsewhere."""
    given = call.get(0, "grads_and_vars")
    found = one_item(given) if isinstance(given, Stream | list) else given
    of = next((one for one in (found if isinstance(found, tuple) else (found,)) if is_judged(one)), None)
    if isinstance(of, Node):
        of = derived(of)
    if of is not None:
        if isinstance(call.of, Made):
            call.of.fields["pace"] = pace_of_optimizer(call.reading, call.of)[1]
        happen(call, "backward", of, of.model, what=call.of)
    return None


def applied(call: Call) -> Any:
    """optimizer.apply(gradients, weights): the same; of anything else, what it gives is not known."""
    return apply_gradients(call) if is_judged(one_item(call.get(0))) else call.unknown


def is_judged(value: Any) -> bool:
    """Whether a value came out of judging a network."""
    return (isinstance(value, Unknown) and value.judged) or (isinstance(value, Node) and value.data is not None)


def folder(call: Call, source: str) -> Data:
    """Images of a folder, raw."""
    told = call.get("classes", "class_names", "target_transform") is not None or not call.complete
    call.reading.program.own_order = call.reading.program.own_order or told
    place = call.get("directory", 0, "root", "dataframe")
    text = text_of(place)
    role = role_in(text.rstrip("/").rpartition("/")[2]) if text else None
    parts = frozenset({Part(f"folder {text or call.place}", role or "all")})
    size = call.get("target_size", "image_size")
    known = tuple(size) if isinstance(size, list | tuple) and len(size) == 2 and all(map(whole, size)) else None
    labels = Data("labels", parts, source=source)
    return Data("pairs", parts, size=known, labels=labels, raw=True, source=source, channels=3)


def directory_dataset(call: Call) -> Any:
    """image_dataset_from_directory: a folder, or with validation_split and subset a part of it."""
    found = folder(call, "directory")
    subset, share, seed = call.get("subset"), call.get("validation_split"), call.get("seed")
    mode = call.get("label_mode", default="int")
    encoding: Literal["onehot", "sparse"] | None = {"categorical": "onehot", "int": "sparse"}.get(mode)  # type: ignore[assignment]
    found = replace(found, labels=replace(found.labels, encoding=encoding) if found.labels else None,
                    batch=call.get("batch_size", default=32), size=found.size or (256, 256))  # fmt: skip
    if subset == "both":
        return tuple(found.cut(Cut("subset", side, role=role)) for side, role in ((0, "train"), (1, "validation")))  # type: ignore[arg-type]
    if share is None or subset not in ("training", "validation"):
        return found
    role: Literal["train", "validation"] = "train" if subset == "training" else "validation"
    if call.get("shuffle", default=True) is not False and isinstance(seed, int):
        return found.cut(Cut(f"seed {number(share)}", side=(subset, seed), role=role))
    return found.cut(Cut(f"subset {number(share)}", subset, role=role))


def set_value(call: Call) -> Any:
    """K.set_value(model.optimizer.lr, rate)."""
    from tinylens.lint.source.storing import set_rate

    target = call.node.args[0] if call.node is not None and call.node.args else None
    if isinstance(target, ast.Attribute) and target.attr in ("lr", "learning_rate"):
        optimizer = target.value
        if isinstance(optimizer, ast.Attribute):
            set_rate(call.reading, optimizer, call.get(1, "value"))
    return None


def load_model(call: Call) -> Any:
    """A network from a file."""
    network = Network(call.place, "keras", opaque=True, fields={"loaded": True})
    call.reading.program.networks.append(network)
    return network


def clone(call: Call) -> Any:
    """clone_model: the same layers, with new weights."""
    old = network_of(call.get(0))
    if old is None:
        return call.unknown
    found = replace(old, place=call.place, compiled=None, fits=[], resets=0, fields=dict(old.fields), copy=True)
    call.reading.program.networks.append(found)
    ends = [found.output, found.fields.get("output")]
    found.output, output = [replace(one, through=found) if isinstance(one, Node) else one for one in ends]
    found.fields |= {"output": output} if output is not None else {}
    return found


def adapt(call: Call) -> Any:
    """Normalization().adapt(x): statistics of x."""
    images = call.get(0, "data")
    if isinstance(images, Data):
        call.of.fields["fitted"] = images.parts
        call.reading.program.fitted.append(Fitted(call.place, f"{call.of.kind}.adapt", images.parts))
    return None


def backend(call: Call) -> Any:
    """Functions of the backend that are asked for what they are by default."""
    return "channels_last"


def summary(call: Call) -> Any:
    """What only shows."""
    return None


FUNCTIONS = {
    "keras:load_data": load_data,
    "keras:to_categorical": one_hot,
    "tensorflow:one_hot": one_hot,
    "torch:one_hot": one_hot,
    "pandas:get_dummies": one_hot,
    "keras:one_hot": one_hot,
    "keras:image_dataset_from_directory": directory_dataset,
    "keras:load_model": load_model,
    "keras:clone_model": clone,
    "keras:unpack_x_y_sample_weight": unpacked,
    "keras:image_data_format": backend,
    "keras:set_value": set_value,
    "keras:set_random_seed": seeded,
    "tensorflow:set_seed": seeded,
    "tensorflow:set_random_seed": seeded,
}
METHODS = {
    **{f"network.{name}": fit for name in ("fit", "fit_generator")},
    **{f"network.{name}": judge for name in (
        "evaluate", "evaluate_generator", "predict", "predict_generator", "predict_classes", "predict_proba",
        "predict_on_batch", "test_on_batch")},
    "network.compile": compile_model,
    "super.compile": compile_model,
    "network.train_on_batch": train_on_batch,
    "network.summary": summary,
    **{f"{kind}.apply_gradients": apply_gradients for kind in ("made", "unknown", "any")},
    **{f"{kind}.apply": applied for kind in ("made", "any")},
    "Normalization.adapt": adapt,
}  # fmt: skip
