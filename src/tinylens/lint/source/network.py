"""Networks: layers in the order in which images pass them, whatever library and style they were written in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from tinylens.lint.source.cells import Place
from tinylens.lint.source.pacing import Pace
from tinylens.lint.source.values import Made, Name, number, whole

Role = Literal[
    "linear", "activation", "norm", "pool", "dropout", "reshape", "merge", "pad", "prepare", "augment", "input", "other"
]

LINEAR = ("Dense", "Conv1D", "Conv2D", "Conv3D", "Convolution2D", "SeparableConv2D", "SeparableConv1D",
          "DepthwiseConv2D", "Conv2DTranspose", "Conv3DTranspose", "Conv1DTranspose", "LocallyConnected2D", "Linear",
          "LazyLinear", "Conv1d", "Conv2d", "Conv3d", "LazyConv2d", "ConvTranspose2d", "ConvTranspose1d",
          "Bilinear", "linear", "conv2d", "conv1d", "conv_transpose2d")  # fmt: skip
ACTIVATION = ("Activation", "ReLU", "ReLU6", "LeakyReLU", "PReLU", "ELU", "ThresholdedReLU", "Softmax", "SELU", "CELU",
              "GELU", "SiLU", "Mish", "Sigmoid", "LogSigmoid", "Tanh", "Softplus", "Softsign", "LogSoftmax", "Hardtanh",
              "Hardswish", "Hardsigmoid", "Softmax2d", "RReLU", "Threshold", "Swish",
              "relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "celu", "gelu", "silu", "mish", "sigmoid",
              "log_sigmoid", "logsigmoid", "tanh", "softplus", "softsign", "softmax", "log_softmax", "hardtanh",
              "hardswish", "hard_sigmoid", "hardsigmoid", "swish", "rrelu", "relu_", "exponential",
              "leaky_relu_", "crelu")  # fmt: skip
NORM = ("BatchNormalization", "BatchNormalizationV2", "SyncBatchNormalization", "LayerNormalization",
        "GroupNormalization", "UnitNormalization", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LazyBatchNorm2d",
        "SyncBatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm2d", "LocalResponseNorm", "batch_norm", "layer_norm",
        "group_norm", "instance_norm", "local_response_norm", "RMSNorm")  # fmt: skip
POOL = ("MaxPooling2D", "MaxPool2D", "AveragePooling2D", "AvgPool2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D",
        "GlobalAvgPool2D", "GlobalMaxPool2D", "MaxPooling1D", "AveragePooling1D", "GlobalAveragePooling1D",
        "GlobalMaxPooling1D", "MaxPool1D", "MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d", "AdaptiveAvgPool2d",
        "AdaptiveMaxPool2d", "AdaptiveAvgPool1d", "FractionalMaxPool2d", "LPPool2d", "max_pool2d", "avg_pool2d",
        "adaptive_avg_pool2d", "adaptive_max_pool2d", "max_pool1d", "UpSampling2D", "Upsample", "interpolate",
        "MaxPooling3D", "mean", "amax", "PixelShuffle")  # fmt: skip
DROPOUT = ("Dropout", "SpatialDropout2D", "SpatialDropout1D", "GaussianDropout", "AlphaDropout", "GaussianNoise",
           "Dropout1d", "Dropout2d", "Dropout3d", "dropout", "dropout2d", "alpha_dropout",
           "feature_dropout")  # fmt: skip
RESHAPE = ("Flatten", "Reshape", "Permute", "Identity", "Unflatten", "flatten", "view", "reshape", "squeeze",
           "unsqueeze", "permute", "transpose", "contiguous", "ExpandDims", "identity", "size")  # fmt: skip
MERGE = ("Add", "Concatenate", "Average", "Multiply", "Maximum", "Subtract", "Dot", "add", "concatenate", "cat",
         "concat", "stack", "multiply", "average", "maximum", "chunk", "split")  # fmt: skip
PAD = ("ZeroPadding2D", "ZeroPad2d", "ReflectionPad2d", "ReplicationPad2d", "pad", "Cropping2D", "ConstantPad2d")
PREPARE = ("Rescaling", "Normalization", "Normalizer", "normalize")
AUGMENT = ("RandomFlip", "RandomRotation", "RandomZoom", "RandomCrop", "RandomTranslation", "RandomContrast",
           "RandomBrightness", "RandomWidth", "RandomHeight", "RandomHorizontalFlip", "RandAugment", "CutMix",
           "MixUp", "RandomErasing", "RandomColorJitter")  # fmt: skip
INPUT = ("Input", "InputLayer")
GROUPS: dict[Role, tuple[str, ...]] = {
    "linear": LINEAR,
    "activation": ACTIVATION,
    "norm": NORM,
    "pool": POOL,
    "dropout": DROPOUT,
    "reshape": RESHAPE,
    "merge": MERGE,
    "pad": PAD,
    "prepare": PREPARE,
    "augment": AUGMENT,
    "input": INPUT,
}
ROLES: dict[str, Role] = {name: role for role, names in GROUPS.items() for name in names}
PLAIN_NAMES = {"leakyrelu": "leaky_relu", "logsoftmax": "log_softmax", "logsigmoid": "log_sigmoid", "swish": "silu",
               "softmax2d": "softmax", "hardsigmoid": "hard_sigmoid", "relu_": "relu", "relu6": "relu6"}  # fmt: skip


@dataclass(eq=False)
class Layer:
    """One layer. role: what it does. kind: its name in its library. activation: of an activation, which, in lower case.

    made: the call that made it. maybe: whether it may be left out.
    """

    role: Role
    kind: str
    place: Place
    made: Made | None = None
    activation: str = ""
    maybe: bool = False

    @property
    def keras(self) -> bool:
        """Whether its library is Keras."""
        return self.made is not None and self.made.name.root == "keras"

    @property
    def units(self) -> int | None:
        """How many numbers come out, of a linear layer."""
        if self.made is None or self.role != "linear":
            return None
        place = 0 if self.keras or self.kind.startswith("Lazy") else 1
        return whole(self.made.get("units", "filters", "out_features", "out_channels", place))

    @property
    def linear_in_a_row_is_meant(self) -> bool:
        """Whether another linear layer beside it is a known way to build: parts of a convolution, and 1x1 ones."""
        if self.made is None:
            return True
        if any(word in self.kind for word in ("Separable", "Depthwise", "Transpose", "Locally", "Bilinear")):
            return True
        groups = self.made.get("groups", default=1)
        return whole(groups) != 1

    @property
    def kernel(self) -> tuple[int | None, ...]:
        """The height and width of a convolution's window."""
        return pair(self.made.get("kernel_size", 1 if self.keras else 2) if self.made else None)


def pair(value: Any) -> tuple[int | None, ...]:
    """Two whole numbers from one or two; None where they are not known."""
    values = value if isinstance(value, tuple | list) else (value, value)
    return tuple(whole(one) for one in values)


@dataclass(eq=False)
class Node:
    """What comes out of a layer. inputs: what went in. data: what the first of them was, where it was images.

    through: the network that is used as a layer here, and ends with this one.
    """

    layer: Layer | None
    inputs: tuple["Node", ...] = ()
    data: Any = None
    network: "Network | None" = None
    shape: Any = None
    through: "Network | None" = None

    def before(self) -> Iterator["Node"]:
        """All nodes that it comes from, itself first, each once."""
        seen, waiting = set(), [self]
        while waiting:
            node = waiting.pop()
            if id(node) not in seen:
                seen.add(id(node))
                yield node
                waiting.extend(node.inputs)

    def alone(self) -> Iterator["Node"]:
        """The nodes from itself backwards, as long as there is only one way; up to an unknown layer."""
        node: Node | None = self
        while node is not None and node.layer is not None:
            yield node
            node = node.inputs[0] if len(node.inputs) == 1 else None


Standing = dict[int, tuple[int, Any]]  # of each network by its id: how often it began anew, and if it is to learn


@dataclass(eq=False)
class Fit:
    """A training by one call. validation: data, None where there is none, `cut` where it is cut from the images."""

    place: Place
    network: "Network"
    images: Any
    labels: Any
    validation: Any = None
    validation_labels: Any = None
    share: Any = None
    callbacks: list[Any] | None = field(default_factory=list)  # None where it is not known
    epochs: Any = 1
    batch_size: Any = None
    steps: Any = None
    compiled: "Compiled | None" = None
    loops: tuple[Place, ...] = ()
    known: bool = True  # whether all its arguments are there to be read
    resets: int = 0
    rate: Any = None  # of learning, where it is set by hand
    frozen: int = 0  # how often anything was frozen or thawed by then
    standing: "Standing" = field(default_factory=dict)
    named: int = 0  # how often its network had been looked up by then
    schedule: Any = None  # of theirs, for the rate
    pace: Pace | None = None  # what that gives at a step

    @property
    def validated(self) -> bool:
        """Whether there is validation data, of whatever kind."""
        return self.validation is not None or self.share is not None


@dataclass(eq=False)
class Compiled:
    """What `compile` said. loops: the loops it stands in."""

    place: Place
    loss: Any
    optimizer: Any
    loops: tuple[Place, ...] = ()


@dataclass(eq=False)
class Judged:
    """A network's look at images, to judge it or to use it.

    how: evaluate or predict. fits, choices: how many trainings of it, and choices of the program, came before.
    """

    place: Place
    network: "Network"
    images: Any
    labels: Any
    how: str
    fits: int = 0
    choices: int = 0
    loops: tuple[tuple[Place, int], ...] = ()


@dataclass(eq=False)
class Network:
    """A network. output: what comes out, where that is known. mode: of a PyTorch one, train or eval."""

    place: Place
    library: Literal["keras", "torch"]
    name: str = "model"
    layers: list[Any] = field(default_factory=list)  # of a Sequential, values
    sequential: bool = False
    output: Node | None = None
    more_outputs: bool = False
    compiled: Compiled | None = None
    fits: list[Fit] = field(default_factory=list)
    mode: str = "train"
    resets: int = 0
    opaque: bool = False  # layers are not all known
    made: Made | None = None  # the call that made it, where that is a library's
    fields: dict[str, Any] = field(default_factory=dict)
    thing: Any = None
    frozen: int = 0  # how often parts of it were frozen or thawed
    set_in_vain: int = 0  # how often it was given the weights that it had
    copy: bool = False  # whether it is a copy of another, with weights of its own in the same layers
    named: int = 0  # how often what stands for it was looked up
    renewed: list[Place] = field(default_factory=list)  # where layers of it were put in place of others

    @property
    def told_to_learn(self) -> Any:
        """What `trainable` was set to; None where it was not."""
        return (self.fields | (self.thing.fields if self.thing is not None else {})).get("trainable")

    @property
    def final(self) -> Node | None:
        """The last layer, where the way to it is known, less what changes only the shape."""
        if self.output is None or self.more_outputs:
            return None
        return last_that_counts(self.output)

    def nodes(self) -> list[Node]:
        """All its nodes with a layer."""
        return [node for node in self.output.before() if node.layer is not None] if self.output else []


def inner(network: Network) -> list[Network]:
    """The networks that a network uses as layers, with the weights that these have outside of it too."""
    found: list[Network] = []
    waiting = [network.output] if network.output is not None and not network.copy else []
    seen = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        used = node.through
        if used is not None and used is not network and used not in found:
            found.append(used)
        waiting += [] if used is not None and used.copy else node.inputs
    return found


def last_that_counts(node: Node) -> Node | None:
    """The last node whose layer is more than a change of shape or dropout; None where an unknown one comes first."""
    for one in node.alone():
        layer = one.layer
        if layer is None or layer.role == "other" or layer.maybe:
            return None
        if layer.role not in ("reshape", "dropout"):
            return one
    return None


def activation_name(value: Any) -> str | None:
    """An activation by its name in lower case: `linear` where there is none, None where it is not known."""
    if value is None:
        return "linear"
    if isinstance(value, Made):
        value = value.name
    name = value if isinstance(value, str) else value.last if isinstance(value, Name) else None
    if name is None or (not isinstance(value, str) and name not in ACTIVATION and name.lower() != "linear"):
        return None
    lower = name.lower()
    return PLAIN_NAMES.get(lower, lower)


def layers_of(made: Made, used: Place | None = None) -> list[Layer]:
    """The layers that a call made: a layer of Keras with an activation is two, and an unknown one is one of role other.

    Softmax in an Activation layer, in a layer's argument and as a layer of its own are the same. used: where the layer
    is applied, if that is elsewhere than where it was made.
    """
    role = ROLES.get(made.kind, "other")
    found = [Layer(role, made.kind, used or made.place, made, maybe=made.maybe)]
    if role == "activation":
        name = activation_name(made.get("activation", 0)) if made.kind == "Activation" else activation_name(made.name)
        found[0].activation = name or ""
        found[0].role = "reshape" if name == "linear" else "activation" if name else "other"
    elif role in ("linear", "norm") and made.name.root == "keras":
        name = activation_name(activation_given(made))
        place = used or made.args.get("activation place", made.place)
        if name is None:
            found.append(Layer("other", "activation", place, made, maybe=made.maybe))
        elif name != "linear":
            found.append(Layer("activation", name, place, made, name, made.maybe))
    return found


def activation_given(made: Made) -> Any:
    """The activation that a layer of Keras is given: by name, or as the second of Dense, where that is one."""
    second = made.get(1) if made.kind == "Dense" else None
    known = isinstance(second, str) and second.lower() in ACTIVATION
    return made.get("activation", default=second if known or isinstance(second, Name | Made) else None)


def joined_to(node: Node, layers: list[Layer]) -> Node:
    """The node after these layers."""
    for layer in layers:
        node = Node(layer, (node,), node.data, node.network)
    return node


def classes_out(node: Node | None) -> tuple[Layer, int] | None:
    """The last linear layer before a node and its units, where only activations and the like stand between."""
    if node is None:
        return None
    for one in node.alone():
        layer = one.layer
        if layer is None or layer.maybe or layer.role not in ("activation", "reshape", "dropout", "linear"):
            return None
        if layer.role == "linear":
            units = layer.units
            return (layer, units) if units is not None and layer.kind in ("Dense", "Linear", "LazyLinear") else None
    return None


def rate(made: Made) -> float | None:
    """The rate of a dropout layer."""
    return number(made.get("rate", "p", 0))
