"""The callback that times and then traces the steps of a training."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, record_function
from torch.profiler import profile as profiler
from torch.utils.flop_counter import FlopCounterMode

from tinylens.profiling.trace import LAYER, NETWORK, PREPARE, STEP, Trace, read
from tinylens.training.callbacks import Callback
from tinylens.training.loop import loaded, prepared
from tinylens.training.session import Session

WARM_UP_SECONDS, WARM_UP_STEPS = 1.0, 2
FEWEST, MOST_TRACED = 3, 20


class Enough(Exception):
    """All is measured: training need not go on."""


class Stopwatch(Callback):
    """Times whole steps for some seconds, after a warm-up, then traces a few, then ends training by raising Enough.

    A step is timed from its beginning to the beginning of the next; the last of an epoch, behind which the validation
    images are looked at, is not.

    steps: seconds of each. traces: of those that were traced. layers: the kind of each by its name. flop, whole_flop:
    floating-point operations of a step by layer, and of all.
    """

    session: Session

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.warm: list[float] = []
        self.steps: list[float] = []
        self.traces: list[Trace] = []
        self.layers: dict[str, str] = {}
        self.flop: dict[str, int] = {}
        self.whole_flop = 0
        self.batch_size = 0
        self.weights_bytes = self.optimizer_bytes = 0
        self.began: float | None = None
        self.tracer: profiler | None = None
        self.traced: list[float] = []
        self.scope = ExitStack()
        self.hooks: list[Any] = []

    def on_start(self, session: Session) -> None:
        self.session = session
        network = session.lens.network
        self.layers = {name: type(layer).__name__ for name, layer in leaves(network)}
        self.weights_bytes = sum(p.numel() * p.element_size() for p in network.parameters())
        self.batch_size = min(session.recipe.batch_size, len(session.splits.train))

    def on_step(self, session: Session) -> None:
        now = time.perf_counter()
        if self.began is not None and session.progress.batch > 0:
            self.note(now - self.began)
        if self.timed_enough and self.tracer is None:
            self.begin_trace(session)
        if self.tracer is not None:
            self.scope.enter_context(record_function(STEP))
        self.began = time.perf_counter()

    def after_step(self, session: Session) -> None:
        if self.tracer is not None:
            self.scope.close()
            self.traced.append(time.perf_counter() - (self.began or 0.0))
            if self.traced_enough:
                self.end_trace()
                raise Enough
        elif len(self.warm) == WARM_UP_STEPS and not self.whole_flop:
            self.count_work(session)

    def note(self, seconds: float) -> None:
        """Take note of a whole step, in the warm-up or after it."""
        if self.tracer is None:
            warm = len(self.warm) > WARM_UP_STEPS and sum(self.warm) >= WARM_UP_SECONDS
            (self.steps if warm else self.warm).append(seconds)

    @property
    def timed_enough(self) -> bool:
        """Whether enough whole steps are timed."""
        return sum(self.steps) >= self.seconds and len(self.steps) >= FEWEST

    @property
    def traced_enough(self) -> bool:
        """Whether more traced steps would tell no more. The first, in which the tracer itself begins, is left out."""
        count = len(self.traced) - 1
        return count >= MOST_TRACED or (count >= FEWEST and sum(self.traced) >= self.seconds)

    def begin_trace(self, session: Session) -> None:
        """Trace the step that begins, and those after it."""
        self.hooks = marked(session)
        self.optimizer_bytes = bytes_of(session.optimizer)
        self.tracer = profiler(activities=[ProfilerActivity.CPU])
        self.tracer.__enter__()

    def end_trace(self) -> None:
        """Read what the steps were made of."""
        assert self.tracer is not None
        self.tracer.__exit__(None, None, None)
        self.traces = read(self.tracer.events() or [])[1:]

    def count_work(self, session: Session) -> None:
        """Count the floating-point operations of a step: those forward, again for the gradient of a layer's weights,
        and again for that of its input, where either is wanted."""
        network, passes = session.lens.network, dict.fromkeys(self.layers, 1)

        def wanted(name: str) -> Callable[[nn.Module, tuple[Any, ...]], None]:
            def hook(layer: nn.Module, inputs: tuple[Any, ...]) -> None:
                tensors = [value for value in inputs if isinstance(value, Tensor)]
                passes[name] = 1 + sum(
                    any(x.requires_grad for x in several) for several in (tensors, layer.parameters())
                )

            return hook

        batch = prepared(session, loaded(session, np.arange(self.batch_size)))
        hooks = [layer.register_forward_pre_hook(wanted(name)) for name, layer in leaves(network)]
        with FlopCounterMode(display=False) as counter:
            network(batch.images)
        for hook in hooks:
            hook.remove()
        root = type(network).__name__
        forward = {name: sum(counts.values()) for name, counts in counter.get_flop_counts().items()}
        inside = {name: forward.get(root if of is network else f"{root}.{name}", 0) for name, of in leaves(network)}
        self.flop = {name: count * passes[name] for name, count in inside.items()}
        self.whole_flop = sum(self.flop.values()) + 3 * (counter.get_total_flops() - sum(inside.values()))

    def on_close(self, session: Session) -> None:
        for hook in self.hooks:
            hook.remove()


def leaves(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """The layers without layers inside, by name; the network itself where it is one."""
    return [(name or "network", layer) for name, layer in network.named_modules() if not any(layer.children())]


def marked(session: Session) -> list[Any]:
    """Let preprocessing, the network and each of its layers mark where they begin and end; the hooks, to be removed."""
    network = session.lens.network
    modules = [(PREPARE, session.lens.preprocess), (NETWORK, network)]
    modules += [(LAYER + name, layer) for name, layer in leaves(network)]
    return [hook for name, module in modules for hook in mark(module, name)]


def mark(module: nn.Module, name: str) -> list[Any]:
    """Record a module's forward pass under a name."""
    scope = ExitStack()

    def before(module: nn.Module, inputs: Any) -> None:
        scope.enter_context(record_function(name))

    def after(module: nn.Module, inputs: Any, output: Any) -> None:
        scope.close()

    return [module.register_forward_pre_hook(before), module.register_forward_hook(after)]


def bytes_of(optimizer: torch.optim.Optimizer) -> int:
    """What an optimizer remembers of the gradients."""
    values = [value for state in optimizer.state.values() for value in state.values() if isinstance(value, Tensor)]
    return sum(value.numel() * value.element_size() for value in values)
