"""Noting: what the record takes of single statements."""

import ast
from typing import Any

from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import Data
from tinylens.lint.source.network import ROLES, Network
from tinylens.lint.source.program import Dropped, Happening
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.values import Made, Symbol, Thing

PURE = ("map", "shuffle", "batch", "prefetch", "cache", "repeat", "take", "skip", "filter", "astype", "reshape",
        "random_flip_left_right", "random_flip_up_down", "random_crop", "random_brightness", "random_contrast",
        "expand_dims", "to_categorical", "one_hot", "random_saturation", "per_image_standardization")  # fmt: skip
NAMED = ("target_names", "display_labels", "xticklabels", "yticklabels")  # arguments that are names of classes
LONGEST_PATH = 300
RATES = ("lr", "learning_rate", "new_lr", "lrate")
DRAWING = ("heatmap", "xticks", "yticks", "set_xticklabels", "set_yticklabels", "set_xticks", "set_ticklabels",
           "DataFrame", "rename")  # fmt: skip


def note_dropped(reading: Reading, node: ast.Expr, value: Any) -> None:
    """Write down a call that changes nothing but gives a result, which nobody takes."""
    shown = getattr(node, "shown", False)  # the last of a cell is shown
    if shown or not isinstance(value, Data):
        return
    call = node.value
    if isinstance(call, ast.BinOp):
        reading.program.dropped.append(Dropped(reading.place(node), ast.unparse(call)))
    elif isinstance(call, ast.Call):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in PURE:
            reading.program.dropped.append(Dropped(reading.place(node), ast.unparse(call.func)))


def note_class_names(reading: Reading, target: ast.Name, value: Any) -> None:
    """Write down a list of names for classes."""
    if isinstance(value, dict) and all(isinstance(key, int) for key in value):
        value = [value[key] for key in sorted(value)]
    if not isinstance(value, list | tuple) or len(value) < 3 or not all(isinstance(one, str) for one in value):
        return
    if any(word in target.id.lower() for word in ("class", "label", "categor", "names")):
        names = [str(one).strip().lower() for one in value]
        reading.program.class_names.append((reading.place(target), target.id, names, reading.program.images))
        reading.program.listed.append((reading.place(target), target.id, value))


def note_naming(reading: Reading, *values: Any) -> None:
    """Write down lists that give their names to labels, or to what a network says."""
    for value in values:
        if isinstance(value, list | tuple) and len(value) > 2 and all(isinstance(one, str) for one in value):
            reading.program.naming.append(value)


def note_path(reading: Reading, *texts: Any) -> None:
    """Write down the names of files and folders in a path."""
    for text in texts:
        if isinstance(text, str) and len(text) < LONGEST_PATH:
            reading.program.path_words.update(text.split("/"))


def note_drawing(reading: Reading, node: ast.Call) -> None:
    """Write down a call that draws a table of figures, or gives names to its axes."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in DRAWING:
        reading.program.calls.append((node, reading.place(node)))


def note_table(reading: Reading, target: ast.Name, value: ast.expr) -> None:
    """Write down a name that is given a confusion matrix."""
    if isinstance(value, ast.Call):
        func = value.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if name in ("confusion_matrix", "crosstab"):
            reading.program.tables.add(target.id)


def note_cleared(reading: Reading, node: ast.AST) -> None:
    """Write down that a gradient is cleared by hand."""
    reading.program.happened.append(Happening("zero_grad", reading.place(node), loops=tuple(reading.loops)))


def note_frozen(reading: Reading, owner: Any, value: Any) -> None:
    """Write down that something is frozen or thawed; a network is, where all its layers are."""
    network = owner.network if isinstance(owner, Thing) else owner
    if isinstance(network, Network) and isinstance(value, bool) and network.told_to_learn is value:
        return  # as it was
    for one in reading.program.networks:
        one.frozen += 1
    if isinstance(owner, Made) and owner.kind == "layer" and not reading.unsure:
        owner.args["of"].fields["trainable"] = value


def note_late(reading: Reading, node: ast.If, test: Any) -> None:
    """Write down a change of the learning rate on a condition that no turn of a loop meets."""
    compared = node.test.left if isinstance(node.test, ast.Compare) else None
    if not isinstance(compared, ast.Name) or not isinstance(test, bool):
        return
    try:
        turn = reading.scope.find(compared.id)
    except KeyError:
        return
    if isinstance(turn, Symbol) and turn.between and any(map(sets_rate, node.orelse if test else node.body)):
        reading.program.late.append((reading.place(node), ast.unparse(node.test), turn.between[1]))


def sets_rate(statement: ast.stmt) -> bool:
    """Whether a statement gives a learning rate another value."""
    for one in ast.walk(statement):
        for target in one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)]:
            name = getattr(target, "attr", None) or getattr(target, "id", None)
            if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                name = target.slice.value
            if name in RATES and not isinstance(one, ast.For):
                return True
    return False


def note_hidden(reading: Reading, thing: Thing, name: str, value: Any, place: Place) -> None:
    """Write down layers in a plain list, where a PyTorch module does not find their weights."""
    torch = thing.network is not None and thing.network.library == "torch"
    items = list(value.values()) if isinstance(value, dict) else value
    if torch and isinstance(items, list) and any(map(has_weights, items)):
        reading.program.hidden.append((place, name))


def has_weights(value: Any) -> bool:
    """Whether something is a layer that learns."""
    if isinstance(value, Made):
        return value.name.root == "torch" and ROLES.get(value.kind) in ("linear", "norm")
    return isinstance(value, Network) or (isinstance(value, Thing) and value.network is not None)
