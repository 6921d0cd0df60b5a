"""What Keras does with a batch, to learn from it or to judge by it: as ever, or as a network of theirs says.

The loss that `compile` was told is asked for in a step of theirs by self.compute_loss, self.compiled_loss or self.loss,
and one of theirs, or a method compute_loss of theirs, is gone through with what comes out of the network.
"""

from dataclasses import replace
from typing import Any, Literal

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import Data, Part
from tinylens.lint.source.deriving import parts_of
from tinylens.lint.source.library.layers import happen, network_of, pass_through
from tinylens.lint.source.network import Compiled, Network, Node
from tinylens.lint.source.values import Function, Made, Name, Thing, Unknown

LOGITS = ("sparse_softmax_cross_entropy_with_logits", "softmax_cross_entropy_with_logits",
          "sigmoid_cross_entropy_with_logits")  # fmt: skip
FUNCTIONS_OF_KERAS = ("sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy")


def enter_step(call: Call, network: Network, images: Any, labels: Any, role: Literal["train", "validation"]) -> None:
    """Go through a step of a training, or of judging; how images are prepared is told of by the call that asks for it.

    What is only judged is gone through where they say how: a loss of theirs is the same for both.
    """
    from tinylens.lint.source.calling import bound_to, enter

    nameless = Data("images", frozenset({Part("somewhere", role)}), named=True)
    batch = replace((images if isinstance(images, Data) else nameless).unsure(), random=())
    own = method_of_theirs(network, "train_step" if role == "train" else "test_step")
    if own is not None:
        enter(call.reading, bound_to(own, network.thing), [(batch, labels)], {})
    elif role == "train":
        usual_step(call, network, batch, labels)


def method_of_theirs(network: Network, name: str) -> Function | None:
    """A method that a network of theirs has."""
    found = network.thing.cls.lookup(name) if network.thing is not None else None
    return found if isinstance(found, Function) else None


def usual_step(call: Call, network: Network, batch: Data, labels: Any) -> None:
    """What a training does with a batch where only the loss is theirs: what that is cannot be told from its name.

    Labels are not sure any more: Keras changes their type and shape before it hands them to a loss.
    """
    from tinylens.lint.source.calling import bound_to, enter

    own, loss = method_of_theirs(network, "compute_loss"), network.compiled.loss if network.compiled else None
    if own is None and not is_own(loss):
        return
    output = pass_through(call.reading, network, Node(None, (), batch, network))
    if not isinstance(output, Node):
        return
    output.network = network
    labels = labels.unsure() if isinstance(labels, Data) else labels
    if own is not None:
        enter(call.reading, bound_to(own, network.thing), [batch, labels, output], {})
    elif network.compiled is not None:
        loss_of(call, network.compiled, labels, output)


def is_own(loss: Any) -> bool:
    """Whether a loss is theirs, or a function that is known by what it takes: what it is shows in a call of it."""
    partly = isinstance(loss, Made) and loss.kind == "partial"
    return partly or isinstance(loss, Function | Thing) or (isinstance(loss, Name) and loss.last in LOGITS)


def loss_of(call: Call, compiled: Compiled, labels: Any, output: Node) -> Any:
    """The loss that a network was compiled with, of what comes out of it: gone through where it is theirs."""
    from tinylens.lint.source.calling import bound_to, enter
    from tinylens.lint.source.calling import call as called

    loss = compiled.loss
    own = loss.cls.lookup("call") if isinstance(loss, Thing) else None
    if isinstance(own, Function):
        return enter(call.reading, bound_to(own, loss), [labels, output], {})
    if is_own(loss):
        return called(call.reading, loss, [labels, output], {}, compiled.place)
    happen(replace(call, place=compiled.place), "loss", output.data, output.network, what=loss, target=(output, labels))
    return Unknown(parts_of(output), judged=True, model=output.network)


def owner_of(call: Call) -> Network | None:
    """The network whose method is called; by `super()`, that of which a method is under way."""
    owner = call.of
    if isinstance(owner, Made) and call.reading.frames:
        owner = call.reading.frames[-1].function.bound
    return network_of(owner)


def compute_loss(call: Call) -> Any:
    """self.compute_loss(x, y, y_pred)."""
    return compiled_loss(replace(call, args=call.args[1:]))


def compiled_loss(call: Call) -> Any:
    """self.compiled_loss(y, y_pred), self.loss(y, y_pred)."""
    network, output = owner_of(call), call.get("y_pred", 1)
    if network is None or network.compiled is None or not isinstance(output, Node):
        return call.unknown
    return loss_of(call, network.compiled, call.get("y", "y_true", 0), output)


def loss_function(call: Call) -> Any:
    """tf.nn.softmax_cross_entropy_with_logits, keras.losses.categorical_crossentropy: a loss for each image."""
    labels, output = call.get("labels", "y_true", "target", 0), call.get("logits", "y_pred", "output", 1)
    if not isinstance(output, Node):
        return call.unknown
    logits = call.get("from_logits", 2, default=False)
    what = call.name if call.name.last in LOGITS else Made(call.name, {"from_logits": logits}, call.place)
    happen(call, "loss", output.data, output.network, what=what, target=(output, labels))
    return Unknown(parts_of(output), judged=True, model=output.network)


FUNCTIONS = {
    **{f"tensorflow:{name}": loss_function for name in LOGITS},
    **{f"{root}:{name}": loss_function for root in ("keras", "tensorflow") for name in FUNCTIONS_OF_KERAS},
}
METHODS = {
    **{f"{kind}.compute_loss": compute_loss for kind in ("network", "super")},
    **{f"network.{name}": compiled_loss for name in ("compiled_loss", "loss")},
}
