"""Session: one training under way, as the loop and its callbacks see it."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch.optim.swa_utils import AveragedModel

from tinylens.data import Splits
from tinylens.errors import TrainingError
from tinylens.hardware import Hardware
from tinylens.lens import Lens
from tinylens.recipe import Recipe
from tinylens.runs import Run

CHECKPOINT_FORMAT = 1


@dataclass
class Progress:
    """How far training has come; all of it is kept in a checkpoint.

    epoch, batch: whole epochs and, in the one under way, batches that are done. step: batches in all.
    loss_sum, correct, seen: of the epoch under way, over images; a mixture can be correct in part.
    seconds: of training, over all sittings.
    history: a row for each whole epoch. stop: why training should end before its epochs do, or None.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    correct: float = 0.0
    seen: int = 0
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)
    stop: str | None = None


@dataclass(eq=False)
class Session:
    """What training works on. average: the averaged network, where the recipe wants one."""

    run: Run
    recipe: Recipe
    lens: Lens
    optimizer: torch.optim.Optimizer
    splits: Splits
    hardware: Hardware
    progress: Progress = field(default_factory=Progress)
    average: AveragedModel | None = None

    @property
    def judged(self) -> Lens:
        """The lens that is looked at after each epoch, and kept: with averaged weights where there are any."""
        return self.lens if self.average is None else replace(self.lens, network=self.average.module)

    @property
    def done(self) -> bool:
        """Whether training is at its end, the last epoch, whole or cut short, looked at and closed."""
        at = self.progress
        return at.stop is not None or (at.batch == 0 and at.step >= self.total_steps)

    @property
    def whole(self) -> str:
        """What is done when nothing stopped training before."""
        return "all iterations done" if self.recipe.iterations == self.progress.step else "all epochs done"

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.splits.train) // self.recipe.batch_size)

    @property
    def total_steps(self) -> int:
        """Batches in all."""
        every = self.steps_per_epoch * self.recipe.epochs
        return min(every, self.recipe.iterations or every)

    @property
    def place(self) -> str:
        """Where training is, for people: epoch and batch count from 1."""
        at = self.progress
        return f"step {at.step + 1} (epoch {at.epoch + 1}, batch {at.batch + 1} of {self.steps_per_epoch})"

    def state_dict(self) -> dict[str, Any]:
        """Tensors and plain values from which training goes on to the same weights, bit for bit."""
        return {
            "format": CHECKPOINT_FORMAT,
            "lens": self.lens.modules.state_dict(),
            "average": self.average.state_dict() if self.average else {},
            "optimizer": self.optimizer.state_dict(),
            "progress": asdict(self.progress),
            "hardware": asdict(self.hardware),
            "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state_all() if self.hardware.device == "cuda" else [],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to where `state_dict` was called."""
        self.lens.modules.load_state_dict(state["lens"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        at = state["progress"]
        self.progress = Progress(**at | {"correct": float(at["correct"])})  # once a whole number
        torch.set_rng_state(state["random"])
        if self.hardware.device == "cuda":
            torch.cuda.set_rng_state_all(state["random_cuda"])

    def require_finite(self) -> None:
        """Raise TrainingError where a weight is not a finite number, so that none such is ever saved."""
        for name, value in self.lens.modules.state_dict().items():
            if value.is_floating_point() and not torch.isfinite(value).all():
                raise TrainingError(f"{name} contains NaN or infinity, found before {self.place}; {LOWER_RATE}")


LOWER_RATE = "a lower learning rate usually mends it (--set optimizer.lr=...)"
