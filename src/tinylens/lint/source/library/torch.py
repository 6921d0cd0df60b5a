"""What PyTorch does: loaders, losses, and the steps of a loop that is written by hand."""

from dataclasses import replace
from typing import Any, Literal

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import PICTURE, Cut, Data, Part, by_name
from tinylens.lint.source.deriving import derived, parts_of
from tinylens.lint.source.items import batch_of, items_of
from tinylens.lint.source.library.arrays import array
from tinylens.lint.source.library.chance import drawn_order, seeded
from tinylens.lint.source.library.layers import happen, layered, network_of
from tinylens.lint.source.network import ROLES, Network, Node
from tinylens.lint.source.program import Choice
from tinylens.lint.source.table import rows_of
from tinylens.lint.source.values import Function, Made, Method, Name, Stream, Symbol, Thing, Unknown, number, whole

LOSSES = ("CrossEntropyLoss", "NLLLoss", "BCELoss", "BCEWithLogitsLoss", "MSELoss", "L1Loss", "KLDivLoss",
          "MultiMarginLoss", "MultiLabelSoftMarginLoss", "SmoothL1Loss")  # fmt: skip
LOSS_FUNCTIONS = ("cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "mse_loss")
KERAS_LOSSES = ("CategoricalCrossentropy", "SparseCategoricalCrossentropy", "BinaryCrossentropy", "MeanSquaredError",
                "KLDivergence")  # fmt: skip
OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop",
              "SparseAdam", "LBFGS", "Lion", "LARS", "LAMB")  # fmt: skip
SCHEDULERS = ("StepLR", "MultiStepLR", "ExponentialLR", "CosineAnnealingLR", "OneCycleLR", "CyclicLR", "LambdaLR",
              "MultiplicativeLR", "CosineAnnealingWarmRestarts", "PolynomialLR", "LinearLR", "ConstantLR",
              "SequentialLR", "ReduceLROnPlateau")  # fmt: skip


def loader(call: Call) -> Any:
    """DataLoader(dataset, batch_size, shuffle, sampler)."""
    data = call.get(0, "dataset")
    if isinstance(data, Thing):
        data = of_thing(call, data)
    if not isinstance(data, Data):
        return Unknown()
    sampler = call.get("sampler")
    if isinstance(sampler, Made):
        places = sampler.get("indices", 0)
        if sampler.kind == "SubsetRandomSampler" and isinstance(places, Data):
            data = data.cut(Cut("at", side=places))
        elif sampler.kind == "SubsetRandomSampler":
            data = data.cut(Cut(call.reading.fresh("sampler")))
    shuffle = call.get("shuffle", 2, default=False)
    sampled = sampler is not None or call.get("batch_sampler") is not None or not call.complete
    collate = call.get("collate_fn")
    if collate is not None and not leaves_as_they_are(call, collate, data):
        data = data.unsure()
    kind: Literal["pairs", "images"] = "pairs" if data.kind != "images" or data.labels else "images"
    found = replace(data, kind=kind, batch=call.get("batch_size", 1, default=1),
                    shuffled=True if sampled else shuffle if isinstance(shuffle, bool) else None)  # fmt: skip
    call.reading.program.data.append((call.place, found))
    return found


def leaves_as_they_are(call: Call, collate: Any, data: Data) -> bool:
    """Whether a function that puts items together to a batch does nothing else to the images."""
    from tinylens.lint.source.calling import enter

    if not isinstance(collate, Function):
        return False
    found = enter(call.reading, collate, [Stream(batch_of(replace(data, batch=None)))], {})
    values = list(found.values()) if isinstance(found, dict) else found if isinstance(found, tuple | list) else [found]
    images = next((one for one in values if isinstance(one, Data) and one.kind == "images"), None)
    return images is not None and images.sure and (images.steps, images.random) == (data.steps, data.random)


def stacked(call: Call) -> Any:
    """torch.stack: images one by one as a batch; of what comes out of layers, a merge."""
    if call.nodes():
        return layered(call, ROLES["stack"], "stack")
    return array(call)


def of_thing(call: Call, thing: Thing) -> Data:
    """A data set of a class of theirs: the images that it was given, or opens, as its __getitem__ prepares them."""
    fields = [rows_of(value) or value for value in thing.fields.values()]
    held = [value for value in fields if isinstance(value, Data) and value.kind != "places"]
    parts = parts_of(*held) or frozenset({Part(f"{thing.cls.name} {call.reading.fresh('data')}", "all")})
    guess = by_name(next((name for name, value in call.reading.scope.names.items() if value is thing), ""))
    if not held and guess is not None:
        parts = guess.parts
    images, labels = item_of(call, thing)
    if images is None:
        return Data("pairs", parts, sure=False, named=not held)
    known = not any(part.source.startswith(PICTURE) for part in images.parts)
    parts = images.parts if known else parts
    inner = replace(labels, kind="labels", one=False) if labels is not None and len(labels.parts) == 1 else None
    named = images.named if known else not held
    count = whole(call.asked(thing, "__len__"))
    return replace(images, kind="pairs", parts=parts, labels=inner, one=False, named=named, count=count)


def item_of(call: Call, thing: Thing) -> tuple[Data | None, Data | None]:
    """An item of a data set of theirs: its image and its label, where these are data; None where not."""
    found = call.asked(thing, "__getitem__", Symbol("an item"))
    values = list(found.values()) if isinstance(found, dict) else found if isinstance(found, tuple | list) else [found]
    data = [one for one in values[:2] if isinstance(one, Data) and one.kind != "places"]
    images = data[0] if data and data[0] is values[0] and data[0].kind == "images" else None
    return images, data[1] if images is not None and len(data) == 2 else None


def random_split(call: Call) -> Any:
    """random_split(dataset, [45000, 5000]): parts that share nothing."""
    data, lengths = call.get(0, "dataset"), call.get(1, "lengths")
    sizes = items_of(lengths)
    if isinstance(data, Thing):
        data = replace(of_thing(call, data), random=())  # whose transform may be changed for one part
    if not isinstance(data, Data) or sizes is None:
        return Unknown()
    generator = call.get("generator")
    known = call.complete and (generator is None or (isinstance(generator, Made) and "seed" in generator.fields))
    knife = drawn_order(call, "random_split") if known else call.reading.fresh("cut")
    return [data.cut(Cut(knife, side), whole(size)) for side, size in enumerate(sizes)]


def subset(call: Call) -> Any:
    """Subset(dataset, places)."""
    data, places = call.get(0, "dataset"), call.get(1, "indices")
    if isinstance(data, Thing):
        data = replace(of_thing(call, data), random=())
    if not isinstance(data, Data):
        return Unknown()
    if isinstance(places, list) and all(isinstance(one, int) for one in places):
        return data.cut(Cut("slice", start=min(places, default=0), stop=max(places, default=0) + 1), len(places))
    if not isinstance(places, Data):
        return data.cut(Cut(call.reading.fresh("subset"))).of_fewer()
    plain = next(iter(places.parts)) if len(places.parts) == 1 else None
    if plain is not None and plain.source == "range" and len(plain.cuts) < 2 and not places.order:
        return data.cut(plain.cuts[0], places.count) if plain.cuts else data
    return data.cut(Cut("at", side=places), places.count)


def tensor(call: Call) -> Any:
    """torch.tensor, from_numpy: the same."""
    value = call.get(0, "data")
    if isinstance(value, list):
        return array(call)
    return value if isinstance(value, Data | Node | int | float) else call.unknown


def optimizer(call: Call) -> Any:
    """An optimizer of PyTorch: whose parameters it has."""
    made = call.made()
    network = made.fields["network"] = owner_of(call.get(0, "params"))
    made.fields["renewed"] = len(network.renewed) if network is not None else 0
    made.fields["loops"] = tuple(call.reading.loops)
    made.fields["standing"] = call.reading.program.standing()
    return made


def owner_of(parameters: Any) -> Network | None:
    """The network whose parameters these are."""
    if isinstance(parameters, Made) and parameters.kind == "parameters":
        return parameters.fields["network"] if isinstance(parameters.fields["network"], Network) else None
    return None


def parameters(call: Call) -> Any:
    """model.parameters()."""
    made = Made(Name("torch.parameters"), {}, call.place)
    made.fields["network"] = network_of(call.of)
    return made


def loss_call(call: Call) -> Any:
    """A loss of what comes out of a network and of labels."""
    node, target = call.get(0, "input", "y_pred"), call.get(1, "target", "y_true")
    what: Any = call.of if isinstance(call.of, Made) else call.name
    keras = isinstance(call.of, Made) and call.of.kind in KERAS_LOSSES
    if keras or (isinstance(target, Node) and not isinstance(node, Node)):
        node, target = (target, node) if isinstance(target, Node) else (node, target)
    found = node if isinstance(node, Node) else None
    data = found.data if found is not None else None
    network = found.network if found is not None else None
    if isinstance(target, Node) and target.network is not network:
        network = None  # of two networks: which of them learns is not known
    happen(call, "loss", data, network, what=what, target=(found, target))
    return Unknown(parts_of(data), judged=True, model=network)


def backward(call: Call) -> Any:
    """loss.backward()."""
    of = call.of if isinstance(call.of, Unknown | Node) else call.get(0)
    data = derived(of) if isinstance(of, Node) else of if isinstance(of, Unknown) else None
    if isinstance(call.of, Unknown | Method | Made) or data is not None:
        happen(call, "backward", data, data.model if data is not None else None)
    return None


def step(call: Call) -> Any:
    """optimizer.step()."""
    if call.args and not isinstance(call.args[0], Made):
        return Unknown()
    what = call.args[0] if call.args else call.of
    if isinstance(what, Made) and what.kind in SCHEDULERS:
        return scheduler_step(call)
    network = what.fields.get("network") if isinstance(what, Made) else None
    if isinstance(network, Network) and (late := network.renewed[what.fields.get("renewed", len(network.renewed)) :]):
        what.fields["lacks"] = late[0]
    happen(call, "step", None, network, what=what)
    return None


def group_added(call: Call) -> None:
    """optimizer.add_param_group: it has what it did not have."""
    network = call.of.fields.get("network")
    call.of.fields["renewed"] = len(network.renewed) if isinstance(network, Network) else 0


def perhaps_step(call: Call) -> Any:
    """step() of what may be an optimizer."""
    happen(call, "perhaps step", what=call.of)
    return call.unknown


def scheduler_step(call: Call) -> Any:
    """scheduler.step(): with a figure, where the rate is lowered when that gets no better."""
    figure = call.get(0, "metrics")
    happen(call, "scheduler", figure, None, what=call.of)
    if call.of.kind == "ReduceLROnPlateau" and isinstance(figure, Unknown) and figure.judged:
        call.reading.program.choices.append(Choice(call.place, figure.of, "when to lower the learning rate"))
    return None


def zero_grad(call: Call) -> Any:
    """optimizer.zero_grad(), model.zero_grad()."""
    happen(call, "zero_grad", what=call.of)
    return None


def mode(call: Call) -> Any:
    """model.train(), model.eval()."""
    network = network_of(call.of)
    if network is None:
        return call.of
    wanted = call.get(0, "mode", default=True)
    mode_now = "eval" if call.name.last == "eval" or wanted is False else "train"
    if isinstance(wanted, Unknown) and call.name.last == "train":
        mode_now = "unknown"
    if call.reading.unsure and network.mode != mode_now:
        mode_now = "unknown"
    network.mode = mode_now
    happen(call, "mode", None, network, mode=mode_now)
    return itself(network)


def moved(call: Call) -> Any:
    """model.to(device): the same."""
    return itself(call.of)


def itself(network: Any) -> Any:
    """The object of theirs that a network is, or the network."""
    return network.thing if isinstance(network, Network) and network.thing is not None else network


def same_network(call: Call) -> Any:
    """What wraps a network: compile, DataParallel."""
    return call.get(0, "model", "module", default=Unknown())


def frozen(call: Call) -> Any:
    """model.requires_grad_(False)."""
    network = network_of(call.of)
    if network is not None:
        network.frozen += 1
    return itself(call.of)


def pretrained(call: Call) -> Any:
    """A network of torchvision or timm: of what is in it only the last layer is known, where classes are asked for."""
    network = Network(call.place, "torch", name=call.name.last, opaque=True)
    call.reading.program.networks.append(network)
    if (classes := number(call.get("num_classes"))) is not None:
        network.fields["heads"] = Made(Name("torch.nn.Linear"), {0: Unknown(), 1: int(classes)}, call.place)
    return network


def gradients(call: Call) -> Any:
    """torch.no_grad, inference_mode, set_grad_enabled; as a statement of its own the last holds from here on."""
    return Made(call.name, dict(enumerate(call.args)) | dict(call.named), call.place)


def gradients_off(call: Call) -> Any:
    """torch.no_grad().__enter__(), __exit__(): by hand, as a class of their own does."""
    call.reading.no_grad = max(call.reading.no_grad + (1 if call.name.last == "__enter__" else -1), 0)
    return None


def functional_softmax(call: Call) -> Any:
    """torch.softmax(x, 1), F.relu(x): an activation of a node."""
    node = call.get(0, "input", "x", "logits")
    if not isinstance(node, Node):
        return call.unknown
    found = layered(call, "activation", call.name.last)
    if not call.reading.inside:
        call.reading.program.applied.append(found)
    return found


FUNCTIONS = {
    "torch:DataLoader": loader,
    "*:DataLoader": loader,
    "torch:random_split": random_split,
    "torch:Subset": subset,
    **{f"torch:{name}": tensor for name in ("tensor", "from_numpy", "as_tensor", "Tensor", "FloatTensor", "LongTensor",
                                            "Variable")},
    "torch:stack": stacked,
    **{f"torch:{name}": loss_call for name in LOSS_FUNCTIONS},
    **{f"{root}:{name}": optimizer for root in ("torch", "timm", "torch_optimizer") for name in OPTIMIZERS},
    **{f"torch:{name}": functional_softmax for name in ("softmax", "log_softmax", "sigmoid", "relu", "tanh", "elu",
                                                        "leaky_relu", "gelu", "selu", "silu", "logsigmoid")},
    **{f"tensorflow:{name}": functional_softmax for name in ("softmax", "log_softmax", "sigmoid", "relu", "tanh")},
    **{f"torch:{name}": same_network for name in ("compile", "DataParallel", "DistributedDataParallel")},
    **{f"torch:{name}": gradients for name in ("no_grad", "inference_mode", "set_grad_enabled", "enable_grad")},
    "torch:seed_everything": seeded,
    "timm:create_model": pretrained,
}  # fmt: skip
METHODS = {
    **{f"{name}.__call__": loss_call for name in (*LOSSES, *KERAS_LOSSES)},
    **{f"{kind}.backward": backward for kind in ("unknown", "any", "node", "made")},
    **{f"{kind}.step": step for kind in (*OPTIMIZERS, "GradScaler")},
    **{f"{kind}.add_param_group": group_added for kind in OPTIMIZERS},
    **{f"{kind}.step": perhaps_step for kind in ("unknown", "any", "made")},
    **{f"{kind}.zero_grad": zero_grad for kind in (*OPTIMIZERS, "network", "unknown", "any", "made")},
    **{f"{kind}.step": scheduler_step for kind in SCHEDULERS},
    **{f"{kind}.zero_": zero_grad for kind in ("unknown", "any", "made")},
    **{f"{kind}.{name}": gradients_off for kind in ("no_grad", "inference_mode") for name in ("__enter__", "__exit__")},
    "network.train": mode,
    "network.eval": mode,
    **{f"network.{name}": moved for name in ("to", "cuda", "cpu", "float", "half", "share_memory", "double")},
    **{f"made.{name}": moved for name in ("to", "cuda", "cpu", "float", "half")},  # a loss, a metric
    "network.parameters": parameters,
    "network.requires_grad_": frozen,
}  # fmt: skip
