"""Reading a trace: how long each part of a step took, and each layer in both passes.

Marks around the forward pass of a layer tell its operations, and an operation has the number of the one in the backward
pass that belongs to it.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

STEP, PREPARE, NETWORK, LAYER = "tinylens.step", "tinylens.prepare", "tinylens.network", "tinylens.layer."
BACKWARD, UPDATE = "autograd::engine::evaluate_function", "Optimizer.step#"
PARTS = ("data and augmentation", "preprocessing", "forward", "loss", "backward", "update", "the rest")


@dataclass(frozen=True)
class Trace:
    """One step. seconds: of all. parts: by what is done. forward, backward: by layer."""

    seconds: float
    parts: dict[str, float]
    forward: dict[str, float]
    backward: dict[str, float]


def together(traces: Sequence[Trace]) -> Trace:
    """Several steps as one."""
    seconds = sum(trace.seconds for trace in traces)
    return Trace(seconds, *(added(getattr(t, name) for t in traces) for name in ("parts", "forward", "backward")))


def added(several: Iterable[dict[str, float]]) -> dict[str, float]:
    """The sum under each name."""
    whole: dict[str, float] = defaultdict(float)
    for one in several:
        for name, value in one.items():
            whole[name] += value
    return whole


def read(events: Iterable[Any]) -> list[Trace]:
    """What each marked step was made of, from the events that torch's profiler saw."""
    seen = sorted(events, key=start)
    begins = [start(event) for event in seen]
    steps = [event for event in seen if event.name == STEP]
    return [read_step(step, seen[bisect_left(begins, start(step)) : bisect_right(begins, end(step))]) for step in steps]


def read_step(step: Any, seen: Sequence[Any]) -> Trace:
    """What a step was made of, from the events in it, in their order."""
    network = next(event for event in seen if event.name == NETWORK)
    layers = [event for event in seen if event.name.startswith(LAYER)]
    backward = [event for event in seen if event.name.startswith(BACKWARD) and start(event) >= end(network)]
    forward: dict[str, float] = defaultdict(float)
    for layer in layers:
        forward[layer.name.removeprefix(LAYER)] += length(layer)
    owner = owners(layers, seen)
    by_layer: dict[str, float] = defaultdict(float)
    for event in backward:
        if event.sequence_nr in owner:
            by_layer[owner[event.sequence_nr]] += length(event)
    return Trace(length(step), parts(step, network, backward, seen), forward, by_layer)


def parts(step: Any, network: Any, backward: Sequence[Any], seen: Sequence[Any]) -> dict[str, float]:
    """The seconds of each part of a step; they follow one another."""
    begins, ends = start(backward[0]), max(map(end, backward))
    prepare = sum(length(event) for event in seen if event.name == PREPARE and end(event) <= start(network))
    update = sum(length(event) for event in seen if event.name.startswith(UPDATE) and start(event) >= ends)
    found = {
        "data and augmentation": (start(network) - start(step)) / 1e6 - prepare,
        "preprocessing": prepare,
        "forward": length(network),
        "loss": (begins - end(network)) / 1e6,
        "backward": (ends - begins) / 1e6,
        "update": update,
    }
    found["the rest"] = max(0.0, length(step) - sum(found.values()))
    return found


def owners(layers: Sequence[Any], seen: Sequence[Any]) -> dict[int, str]:
    """The layer of each numbered operation of the forward pass, by its number."""
    begins = [start(layer) for layer in layers]
    found: dict[int, str] = {}
    for event in seen:
        place = bisect_right(begins, start(event)) - 1
        if event.sequence_nr >= 0 and place >= 0 and end(event) <= end(layers[place]):
            found[event.sequence_nr] = layers[place].name.removeprefix(LAYER)
    return found


def start(event: Any) -> float:
    """When an event began, in microseconds."""
    return float(event.time_range.start)


def end(event: Any) -> float:
    """When an event ended, in microseconds."""
    return float(event.time_range.end)


def length(event: Any) -> float:
    """How long an event took, in seconds."""
    return (end(event) - start(event)) / 1e6
