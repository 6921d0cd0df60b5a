"""What keeps training fast, counted and not timed, so that no busy machine fails it."""

import gc
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from tinylens import recipes
from tinylens.data import Splits
from tinylens.hardware import choose_hardware
from tinylens.runs import Run
from tinylens.training.fit import new_session
from tinylens.training.loop import train_step
from tinylens.training.session import Session

Prepare = Callable[..., tuple[Run, Splits]]
IMAGES = 17  # no layer has as many channels
COPIES = "_to_copy", "clone", "copy_"  # to another type or place, to the same, into what there is


class Operations(TorchDispatchMode):
    """Every operation of torch while it is on, with the tensors that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[Tensor]]] = []

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        self.seen.append((str(func), [one for one in args if isinstance(one, Tensor)]))
        return func(*args, **(kwargs or {}))

    def named(self, name: str) -> list[list[Tensor]]:
        """The tensors that each such operation was given."""
        return [tensors for seen, tensors in self.seen if seen == name]


def session_of(prepare: Prepare, name: str, precision: str, **settings: object) -> Session:
    run, splits = prepare(name, precision=precision, **settings)
    return new_session(run, splits, choose_hardware(precision))


def small(name: str) -> dict[str, Any]:
    """Settings with which a step of a recipe takes no time; 42 million weights, whitened, are half a minute at 32."""
    return {"batch_size": IMAGES} | ({"image_size": 8} if name.startswith("elu") else {})


@pytest.mark.parametrize("name", recipes.names())
def test_every_convolution_of_a_step_is_of_bfloat16_channels_last(name: str, prepare: Prepare) -> None:
    session = session_of(prepare, name, "bfloat16", **small(name))
    with Operations() as operations:
        train_step(session, np.arange(IMAGES))
    forward, backward = (operations.named(f"aten.convolution{end}.default") for end in ("", "_backward"))
    assert len(forward) == len(backward) + fitted(session.lens.network)
    for tensors in [*forward, *backward]:
        images = [tensor for tensor in tensors if tensor.ndim == 4]
        assert {tensor.dtype for tensor in images} == {torch.bfloat16}
        assert all(tensor.is_contiguous(memory_format=torch.channels_last) for tensor in images)


def fitted(network: torch.nn.Module) -> int:
    """How many convolutions are not learned."""
    layers = [layer for layer in network.modules() if isinstance(layer, torch.nn.Conv2d)]
    return sum(not layer.weight.requires_grad for layer in layers)


@pytest.mark.parametrize("name", recipes.names())
def test_a_step_converts_images_twice_and_copies_no_activation_but_to_flatten_it(name: str, prepare: Prepare) -> None:
    session = session_of(prepare, name, "bfloat16", **small(name))
    with Operations() as operations:
        train_step(session, np.arange(IMAGES))
    converted, cloned, copied = (of_images(operations.named(f"aten.{name}.default")) for name in COPIES)
    types = [one.dtype for one in converted if one.dtype != torch.bool]  # those are of dropout
    assert types == [torch.uint8, torch.float32][: 1 if name == "dense-net" else 2]  # which flattens them first
    assert len([one for one in cloned if one.shape[1] > 3]) <= 1  # to flatten it; of images, to augment them
    assert copied == []


def of_images(operations: list[list[Tensor]]) -> list[Tensor]:
    """What was copied in these operations, where it has the batch's images."""
    return [tensors[0] for tensors in operations if tensors[0].ndim == 4 and len(tensors[0]) == IMAGES]


@pytest.mark.parametrize("name", recipes.names())
def test_a_step_calls_as_much_python_for_many_images_as_for_few(name: str, prepare: Prepare) -> None:
    session = session_of(prepare, name, "float32", **small(name))
    train_step(session, np.arange(IMAGES))  # the first makes what all others use
    assert calls(session, 8) == calls(session, 64)


def calls(session: Session, images: int) -> Counter[str]:
    """How often a step calls each function, of Python or of C."""
    found = Counter[str]()

    def note(frame: Any, event: str, argument: Any) -> None:
        if event == "call":
            found[f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}"] += 1
        elif event == "c_call":
            found[getattr(argument, "__qualname__", str(argument))] += 1

    gc.disable()  # what it removes, and when, is no work of the step
    sys.setprofile(note)
    try:
        train_step(session, np.arange(images))
    finally:
        sys.setprofile(None)
        gc.enable()
    return found
