"""Names: what an import or a dotted name stands for, by one full name for all the ways to write it."""

import math

from tinylens.lint.source.network import ROLES
from tinylens.lint.source.values import Name

SAME = (
    ("tensorflow.python.keras", "keras"),
    ("tensorflow.compat.v1.keras", "keras"),
    ("tensorflow.compat.v2.keras", "keras"),
    ("tensorflow.keras", "keras"),
    ("tensorflow.contrib.keras", "keras"),
    ("tensorflow.compat.v1", "tensorflow"),
    ("tensorflow.compat.v2", "tensorflow"),
    ("tf_keras", "keras"),
    ("pytorch_lightning", "lightning"),
    ("lightning.pytorch", "lightning"),
    ("lightning_fabric", "lightning"),
    ("tensorflow_datasets", "tfds"),
    ("scipy.special.softmax", "torch.softmax"),
)
HABITS = {
    "np": "numpy", "numpy": "numpy", "tf": "tensorflow", "tensorflow": "tensorflow", "keras": "keras",
    "torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "optim": "torch.optim",
    "torchvision": "torchvision", "datasets": "torchvision.datasets", "transforms": "torchvision.transforms",
    "layers": "keras.layers", "models": "keras.models", "plt": "matplotlib.pyplot", "pd": "pandas", "sns": "seaborn",
    "K": "keras.backend", "pl": "lightning", "tfds": "tfds", "os": "os", "random": "random",
    "callbacks": "keras.callbacks", "optimizers": "keras.optimizers",
}  # fmt: skip
NUMBERS = {"pi": math.pi, "e": math.e}


def canonical(path: str) -> str:
    """The one full name of something in a library."""
    for prefix, same in SAME:
        if path == prefix or path.startswith(prefix + "."):
            return same + path[len(prefix) :]
    return path


def named(path: str) -> Name | float:
    """Something of a library, by its full name; a number that has one."""
    found = Name(canonical(path))
    return NUMBERS[found.last] if found.last in NUMBERS and found.root in ("math", "numpy") else found


def member(name: Name, attribute: str) -> Name | float:
    """Something in a module or class of a library."""
    return named(f"{name.path}.{attribute}")


def starred(modules: list[str], name: str) -> Name | None:
    """What a name may be that came by `from module import *`: a layer from where layers are, else from the last."""
    if not modules:
        return None
    layered = [module for module in modules if module.endswith(("layers", "nn", "functional"))]
    module = layered[-1] if name in ROLES and layered else modules[-1]
    return Name(canonical(f"{module}.{name}")) if name[:1].isalpha() else None


def habitual(name: str) -> Name | None:
    """What a name stands for by habit, in a page that leaves the import out."""
    return Name(HABITS[name]) if name in HABITS else None
