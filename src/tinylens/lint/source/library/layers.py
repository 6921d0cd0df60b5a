"""What layers and networks do, of either library: nodes go in, nodes come out."""

from dataclasses import replace
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import Data, Part
from tinylens.lint.source.deriving import parts_of
from tinylens.lint.source.items import items_of
from tinylens.lint.source.network import (
    ROLES,
    Layer,
    Network,
    Node,
    Role,
    activation_name,
    joined_to,
    layers_of,
)
from tinylens.lint.source.program import Happening
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.values import Function, Made, Thing, Unknown, Weights

TRANSPARENT = ("to", "cuda", "cpu", "float", "detach", "clone", "contiguous", "numpy", "item", "half", "double",
               "cast", "requires_grad_", "type", "tolist", "stop_gradient", "as_tensor", "convert_to_tensor",
               "constant", "from_numpy", "tensor", "Tensor", "FloatTensor", "LongTensor", "Variable", "array",
               "asarray", "device_put", "float32")  # fmt: skip
FIGURES = ("argmax", "max", "topk", "sum", "eq", "mean", "argsort", "sort", "in_top_k", "gt", "ge", "lt",
           "__gt__", "round", "where", "abs")  # fmt: skip


def layered(call: Call, role: Role, kind: str) -> Node:
    """A node after a function, or a method, of nodes."""
    nodes = [call.of] if isinstance(call.of, Node) else []
    nodes += call.nodes()
    layer = Layer(role, kind, call.place, Made(call.name, {"of": None}, call.place), maybe=call.reading.unsure > 0)
    if role == "activation":
        layer.activation = activation_name(call.name) or ""
    if role == "merge" and len(nodes) == 1:
        layer.role = "reshape"
    return Node(layer, tuple(nodes), nodes[0].data, nodes[0].network)


def make_layer(call: Call) -> Any:
    """A layer, not yet applied. Keras' Activation may be given by name. Of a node (F.dropout), it is applied."""
    if call.nodes() and call.name.last[:1].islower():
        return layered(call, ROLES.get(call.name.last, "other"), call.name.last)
    made = call.made()
    if call.reading.inside and made.name.root == "torch" and ROLES.get(made.kind) in ("linear", "norm"):
        frame = call.reading.frames[-1].function.name if call.reading.frames else ""
        if frame == "forward":
            call.reading.program.hidden.append((call.place, f"forward: {made.kind}"))
    return made


def apply_layer(call: Call) -> Any:
    """A layer of what comes out of others."""
    made = call.of
    nodes = call.nodes()
    if not nodes:
        return prepared(call)
    if made.name.root not in ("keras", "torch", "torchvision", "timm", "tensorflow"):
        return layered(call, "other", made.kind)
    elsewhere = call.node is not None and call.place != made.place
    layers = layers_of(made, call.place if elsewhere else None)
    if made.kind in ("TimeDistributed", "Bidirectional"):
        layers = [Layer("other", made.kind, made.place, made)]
    if len(nodes) == 1:
        return joined_to(nodes[0], layers)
    first = Node(layers[0], tuple(nodes), nodes[0].data, nodes[0].network)
    return joined_to(first, layers[1:])


def prepared(call: Call) -> Any:
    """A layer of images themselves: Rescaling, or augmentation, in a pipeline."""
    made, value = call.of, call.get(0, "inputs", "x")
    if not isinstance(value, Data):
        return call.unknown
    if made.kind == "Rescaling":
        scale = made.get("scale", 0)
        return value.done("multiply", float(scale), call.place) if isinstance(scale, int | float) else value.unsure()
    if ROLES.get(made.kind) == "augment":
        return (
            value.augmented(made.kind, made, call.place) if call.get("training", default=True) is not False else value
        )
    if made.kind in ("Resizing", "CenterCrop", "Flatten"):
        return replace(value, size=None)
    return value.unsure()


def sequence(call: Call) -> Any:
    """Sequential: of Keras from a list, of PyTorch from arguments or a dictionary."""
    torch = call.name.root == "torch"
    given = call.args if torch else items_of(call.get(0, "layers", default=[]))
    if torch and len(call.args) == 1 and items_of(call.args[0]) is not None and not isinstance(call.args[0], Network):
        given = list(call.args[0].values()) if isinstance(call.args[0], dict) else items_of(call.args[0])
    network = Network(call.place, "torch" if torch else "keras", layers=list(given or []), sequential=True)
    network.opaque = given is None or not call.complete
    call.reading.program.networks.append(network)
    return network


def ordered_dict(call: Call) -> Any:
    """OrderedDict([(name, layer), ...])."""
    if isinstance(call.get(0), Weights):
        return call.get(0)
    pairs = items_of(call.get(0, default=[])) or []
    known = all(isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs)
    return {pair[0]: pair[1] for pair in pairs} if known else Unknown()


def layers_given(call: Call) -> Any:
    """super().__init__(*layers) of a Sequential of theirs, super().__init__(inputs, outputs) of a Model."""
    owner = call.reading.frames[-1].function.bound if call.reading.frames else None
    if isinstance(owner, Thing) and owner.network is not None:
        functional(owner.network, call.args, call.named)
    if (
        isinstance(owner, Thing)
        and owner.network is not None
        and any(path.endswith(".Sequential") for path in owner.cls.ancestors())
    ):
        owner.network.layers += call.args
        owner.network.opaque = owner.network.opaque or not call.complete
    return None


def functional(network: Network, args: list[Any], named: dict[str, Any]) -> None:
    """A network of theirs that Keras builds from what goes in and what comes out."""
    output = named.get("outputs", args[1] if len(args) > 1 else None)
    if network.library == "keras" and isinstance(output, Node):
        network.output = output


def add_layer(call: Call) -> Any:
    """model.add(layer), modules.append(layer), modules.add_module(name, layer)."""
    network = call.of
    value = call.args[-1] if call.args else call.get("layer", "module")
    if isinstance(network, Network) and value is not None:
        network.layers.append(value)
    return network


def append_module(call: Call) -> Any:
    """ModuleList.append."""
    items = call.of.args.setdefault(0, [])
    if isinstance(items, list) and call.args and len(items) < 300:
        items.append(call.args[0])
    return call.of


def called_network(call: Call, network: Network) -> Any:
    """A network of images, which is a look at them; or of what comes out of other layers, as a part of another."""
    reading = call.reading
    value = call.get(0, "inputs", "x", "input")
    if isinstance(value, dict | list | tuple):
        value = next((one for one in items_of(value) or [] if isinstance(one, Data | Node)), value)
    nodes = call.nodes()
    if nodes:
        return marked(pass_through(reading, network, nodes[0], call), network, nodes[0])
    if isinstance(value, Data) and only_prepares(network):
        return prepared_by_list(call, network, value)
    start = Node(None, (), value if isinstance(value, Data | Unknown) else Unknown(), network)
    if not reading.inside and (network.library == "torch" or isinstance(value, Data)):
        happen(call, "forward", value, network, mode=mode_of(call, network))
    found = pass_through(reading, network, start, call)
    for one in found if isinstance(found, tuple) else [found]:
        if isinstance(one, Node):
            one.network = network
            if network.output is None and not isinstance(found, tuple):
                network.output = one
    return found


def marked(found: Any, network: Network, start: Node) -> Any:
    """What comes out of a network that is used as a layer: it is known again by its end."""
    if isinstance(found, Node) and found is not start and found.through is None:
        found.through = network
    return found


def mode_of(call: Call, network: Network) -> str:
    """In which mode a network is called: as PyTorch's was set last, or as Keras' is told in the call."""
    if network.library == "torch":
        return network.mode
    told = call.named.get("training", call.args[1] if len(call.args) > 1 else None)
    return {True: "train", False: "eval"}[told] if isinstance(told, bool) else ""


def only_prepares(network: Network) -> bool:
    """Whether a network is nothing but layers that prepare or augment images."""
    made = [one for one in network.layers if isinstance(one, Made)]
    known = all(ROLES.get(one.kind) in ("prepare", "augment") or one.kind in ("Resizing", "CenterCrop") for one in made)
    return network.library == "keras" and bool(made) and len(made) == len(network.layers) and known


def prepared_by_list(call: Call, network: Network, data: Data) -> Any:
    """Images after layers that prepare or augment them."""
    current: Any = data
    for one in network.layers:
        inner = Call(call.reading, one.name, [current], dict(call.named), call.place, of=one)
        current = prepared(inner)
    return current


def pass_through(reading: Reading, network: Network, node: Node, call: Call | None = None) -> Any:
    """What comes out of a network for what goes in."""
    if network.sequential:
        return through_list(reading, network.layers, node, opaque=network.opaque)
    if network.thing is not None:
        return through_thing(reading, network, node, call)
    head = next(
        (network.fields[name] for name in ("fc", "classifier", "head", "heads") if name in network.fields), None
    )
    body = Node(Layer("other", network.name, network.place, network.made), (node,), node.data, network)
    if network.output is not None and network.library == "keras":
        return grafted(network, node)
    return through_list(reading, [head], body) if head is not None else body


def grafted(network: Network, node: Node) -> Node:
    """What comes out of a functional network that is used as a layer: its own last layers after an unknown rest."""
    tail = []
    for one in network.output.alone() if network.output else ():
        if one.layer is None or one.layer.role == "input":
            break
        tail.append(one.layer)
    start = Node(Layer("other", network.name, network.place, network.made), (node,), node.data, node.network)
    return joined_to(start, tail[::-1])


def through_thing(reading: Reading, network: Network, node: Node, call: Call | None) -> Any:
    """What comes out of the forward of a network of theirs."""
    from tinylens.lint.source.calling import bound_to, enter

    found = network.thing.cls.lookup("forward") or network.thing.cls.lookup("call")
    if not isinstance(found, Function) and network.output is not None and network.library == "keras":
        return grafted(network, node)
    if not isinstance(found, Function) and network.layers:
        return through_list(reading, network.layers, node, opaque=network.opaque)
    if not isinstance(found, Function):
        return Node(Layer("other", network.thing.cls.name, network.place), (node,), node.data, network)
    rest = list(call.args[1:]) if call is not None and call.args else []
    named = dict(call.named) if call is not None else {}
    args = list(call.args) if call is not None and len(call.nodes()) > 1 else [node, *rest]
    reading.inside += 1
    try:
        result = enter(reading, bound_to(found, network.thing), args, named)
    finally:
        reading.inside -= 1
    if isinstance(result, tuple | Node):
        return result
    return Node(Layer("other", network.thing.cls.name, network.place), (node,), node.data, network)


def through_list(reading: Reading, layers: list[Any], node: Node, *, opaque: bool = False) -> Any:
    """What comes out of layers one after another."""
    from tinylens.lint.source.calling import call as called

    current: Any = node
    for layer in layers:
        if isinstance(layer, Node) and layer.layer is not None and layer.layer.role == "input":
            current = Node(layer.layer, (current,), node.data, node.network, layer.shape)
            continue
        result = called(reading, layer, [current], {}, getattr(layer, "place", None) or place_of(node))
        current = result if isinstance(result, Node) else Node(
            Layer("other", "unknown", place_of(current)), (current,), node.data, node.network)  # fmt: skip
    if opaque:
        current = Node(Layer("other", "unknown", place_of(current)), (current,), node.data, node.network)
    return current


def place_of(node: Node) -> Any:
    """Where a node's layer stands."""
    from tinylens.lint.source.cells import Place

    return node.layer.place if node.layer is not None else node.network.place if node.network else Place(1)


def happen(
    call: Call,
    kind: str,
    data: Any = None,
    network: Network | None = None,
    *,
    mode: str = "",
    what: Any = None,
    target: Any = None,
) -> None:
    """Write down what happens, with the loops around it."""
    reading = call.reading
    happening = Happening(
        kind,
        call.place,
        what,
        data,
        network,
        mode,
        reading.no_grad == 0,
        tuple(reading.loops),
        reading.unsure > 0,
        target,
        tuple(reading.loop_values),
    )
    reading.program.happened.append(happening)


def functional_model(call: Call) -> Any:
    """Model(inputs, outputs)."""
    output = call.get("outputs", "output", 1)
    network = Network(call.place, "keras", output=output if isinstance(output, Node) else None)
    network.more_outputs = isinstance(output, list | tuple | dict)
    network.opaque = network.output is None
    call.reading.program.networks.append(network)
    return marked_by_itself(network)


def marked_by_itself(network: Network) -> Network:
    """A network whose output may be gone on from: what is built so is made of it."""
    for end in (network.output, network.fields.get("output")):
        marked(end, network, Node(None))
    return network


def input_node(call: Call) -> Any:
    """keras.Input(shape)."""
    made = call.made()
    return Node(Layer("input", "Input", call.place, made), (), shape=call.get("shape", 0))


def passed_on(call: Call) -> Any:
    """What leaves a node as it is: another type or device."""
    return call.of if isinstance(call.of, Node) else call.nodes()[0] if call.nodes() else call.unknown


def as_figure(call: Call) -> Any:
    """What is computed from what comes out: a prediction, a figure, of the images that went in."""
    nodes = [call.of] if isinstance(call.of, Node) else call.nodes()
    inner = nodes[0] if nodes else None
    if inner is not None and inner.data is None:  # inside a network that is being built
        return layered(call, ROLES.get(call.name.last, "other"), call.name.last)
    parts: frozenset[Part] = parts_of(inner)
    found = Unknown(parts, judged=True, model=inner.network if inner else None)
    return (found, found) if call.name.last in ("max", "topk", "sort") and len(call.values) > 0 else found


def logarithm(call: Call) -> Any:
    """The logarithm of what comes out: after softmax, log-softmax in two steps."""
    node = call.of if isinstance(call.of, Node) else call.first_node()
    if node is None:
        return call.unknown
    softmax = node.layer is not None and node.layer.activation == "softmax"
    layer = Layer("activation" if softmax else "other", "log", call.place, activation="log_softmax" if softmax else "")
    return Node(layer, node.inputs if softmax else (node,), node.data, node.network)


def alternately(call: Call) -> Any:
    """torch.max, torch.argmax and so on, of nodes; else what is not known."""
    if call.nodes():
        return as_figure(call)
    found = call.unknown
    return (found, found) if call.name.last in ("max", "topk", "sort") and len(call.args) > 1 else found


def network_of(value: Any) -> Network | None:
    """The network that a value is."""
    if isinstance(value, Network):
        return value
    return value.network if isinstance(value, Thing) else None


LAYER_NAMES = [name for name in ROLES if name[:1].isupper() and name not in ("Input", "InputLayer")]
FUNCTIONS = {
    **{f"{root}:{name}": make_layer for root in ("keras", "torch") for name in LAYER_NAMES},
    "keras:Sequential": sequence,
    "torch:Sequential": sequence,
    "collections:OrderedDict": ordered_dict,
    "keras:Model": functional_model,
    "keras:Functional": functional_model,
    "keras:Input": input_node,
    "tensorflow:identity": passed_on,
    **{f"{root}:{name}": alternately for root in ("torch", "tensorflow", "numpy", "keras")
       for name in ("argmax", "topk", "eq", "argsort", "in_top_k", "equal", "sort", "where", "round")},
    **{f"{root}:log": logarithm for root in ("torch", "tensorflow")},
    "torch:max": alternately,
    "torch:sum": alternately,
    "torch:mean": alternately,
    "torch:abs": alternately,
}  # fmt: skip
METHODS = {
    "network.add": add_layer,
    "network.append": add_layer,
    "super.__init__": layers_given,
    "network.add_module": add_layer,
    "ModuleList.append": append_module,
    "made.__call__": apply_layer,
    **{f"node.{name}": passed_on for name in TRANSPARENT},
    "node.log": logarithm,
    **{f"node.{name}": as_figure for name in FIGURES if name not in ("mean",)},
}
