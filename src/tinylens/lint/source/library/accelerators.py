"""What Hugging Face's `accelerate` and Lightning's Fabric do: they wrap networks, optimizers and loaders."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.library.torch import backward
from tinylens.lint.source.values import Method

KINDS = ("Accelerator", "Fabric")


def wrapped(call: Call) -> Any:
    """accelerator.prepare(network, optimizer, loader), fabric.setup(network, optimizer): the same things."""
    return call.args[0] if len(call.args) == 1 else tuple(call.args)


def gradients(call: Call) -> Any:
    """accelerator.backward(loss)."""
    loss = call.get(0, "loss", "tensor")
    call.of = loss if loss is not None else Method(call.of, "backward")
    return backward(call)


METHODS = {
    f"{kind}.{name}": handler
    for kind in KINDS
    for name, handler in (
        ("backward", gradients),
        *((name, wrapped) for name in (
            "prepare", "prepare_model", "prepare_optimizer", "prepare_scheduler", "prepare_data_loader", "unwrap_model",
            "gather", "gather_for_metrics", "reduce", "setup", "setup_module", "setup_optimizers",
            "setup_dataloaders")),
    )
}  # fmt: skip
FUNCTIONS: dict[str, Any] = {}
