"""Whether two runs came to the same."""

import hashlib
from typing import Any

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tinylens.runs import Run


def assert_same(run: Run, reference: Run) -> None:
    assert weights(run) == weights(reference)
    assert history(run) == history(reference)
    assert {**run.training, "seconds": 0} == {**reference.training, "seconds": 0}
    assert events(run) == events(reference)


def weights(run: Run) -> str:
    return hashlib.sha256((run.path / "lens" / "model.safetensors").read_bytes()).hexdigest()


def history(run: Run) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in run.history]


def events(run: Run) -> list[tuple[int, float]]:
    """What TensorBoard shows of the validation loss."""
    accumulator = EventAccumulator(str(run.tensorboard)).Reload()
    return [(event.step, event.value) for event in accumulator.Scalars("loss/validation")]
