"""The loop: what a step and an epoch do."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tinylens.data import Splits
from tinylens.hardware import choose_hardware
from tinylens.runs import Run
from tinylens.training.callbacks import Callback
from tinylens.training.fit import new_session
from tinylens.training.loop import batches_left, deterministic, judge, train, train_step
from tinylens.training.session import Session
from tinylens.training.signals import StopRequest


Prepare = Callable[..., tuple[Run, Splits]]


@pytest.fixture
def session(prepare: Prepare) -> Session:
    run, splits = prepare("four-by-four", epochs=2)
    return new_session(run, splits, choose_hardware("float32"))


def test_an_epoch_sees_every_image_once_and_each_epoch_in_an_order_of_its_own(session: Session) -> None:
    first = np.concatenate(list(batches_left(session)))
    session.progress.epoch = 1
    second = np.concatenate(list(batches_left(session)))
    assert sorted(first) == sorted(second) == list(range(len(session.splits.train)))
    assert not np.array_equal(first, second)


def test_batches_that_are_done_are_not_seen_again(session: Session) -> None:
    whole = list(batches_left(session))
    session.progress.batch = 3
    assert np.array_equal(np.concatenate(list(batches_left(session))), np.concatenate(whole[3:]))
    assert len(whole) == session.steps_per_epoch


def test_a_step_lowers_the_loss_of_its_batch(session: Session) -> None:
    indices = next(iter(batches_left(session)))
    for _ in range(5):
        train_step(session, indices)
    losses = session.progress.loss_sum
    train_step(session, indices)
    assert session.progress.loss_sum - losses < losses / 5
    assert (session.progress.step, session.progress.seen) == (6, 6 * len(indices))


def test_no_batch_is_much_smaller_than_the_others(prepare: Prepare) -> None:
    run, splits = prepare(batch_size=67)  # 270 images: four batches of 67 would leave one of 2
    batches = list(batches_left(new_session(run, splits, choose_hardware())))
    assert sorted({len(batch) for batch in batches}) == [54]
    assert len(np.unique(np.concatenate(batches))) == 270


def test_images_reach_the_first_convolution_channels_last(session: Session) -> None:
    seen: list[Tensor] = []
    conv = next(layer for layer in session.lens.network.modules() if isinstance(layer, nn.Conv2d))
    conv.register_forward_hook(lambda layer, inputs, output: seen.append(inputs[0]))
    train_step(session, next(iter(batches_left(session))))
    assert seen[0].is_contiguous(memory_format=torch.channels_last)
    assert not seen[0].is_contiguous()
    assert conv.weight.is_contiguous(memory_format=torch.channels_last)


def test_judging_is_the_mean_over_all_images_and_leaves_the_training_mode(session: Session) -> None:
    session.lens.network.train()
    figures = judge(session, StopRequest())
    validation = session.splits["validation"]
    logits, labels = session.lens.logits(validation.images), torch.from_numpy(validation.labels)
    loss = nn.functional.cross_entropy(logits, labels).item()
    among_five = (logits.argsort(dim=1, descending=True)[:, :5] == labels[:, None]).any(dim=1)
    assert figures == pytest.approx({
        "validation_loss": loss,
        "validation_accuracy": (logits.argmax(1) == labels).float().mean().item(),
        "validation_top5": among_five.float().mean().item(),
    })  # fmt: skip
    assert session.lens.network.training


class Recorder(Callback):
    """Writes down which hooks are called."""

    def __init__(self, broken: str = "") -> None:
        self.calls: list[str] = []
        self.broken = broken

    def note(self, hook: str) -> None:
        self.calls.append(hook)
        if hook == self.broken:
            raise OSError("broken")

    def on_start(self, session: Session) -> None:
        self.note("start")

    def on_step(self, session: Session) -> None:
        self.note("step")

    def after_step(self, session: Session) -> None:
        self.note("stepped")

    def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
        self.note("epoch")

    def on_end(self, session: Session) -> None:
        self.note("end")

    def on_close(self, session: Session) -> None:
        self.note("close")


def test_hooks_are_called_in_their_order(session: Session) -> None:
    recorder = Recorder()
    train(session, [recorder], StopRequest())
    epoch = ["step", "stepped"] * session.steps_per_epoch + ["epoch"]
    assert recorder.calls == ["start", *epoch, *epoch, "end", "close"]


@pytest.mark.parametrize("hook", ["start", "step", "epoch", "end"])
def test_callbacks_are_closed_whichever_hook_breaks(session: Session, hook: str) -> None:
    first, second = Recorder(), Recorder(broken=hook)
    with pytest.raises(OSError, match="broken"):
        train(session, [first, second], StopRequest())
    assert first.calls[-1] == second.calls[-1] == "close"


def test_deterministic_algorithms_are_used_inside_and_as_before_outside() -> None:
    with deterministic():
        assert torch.are_deterministic_algorithms_enabled()
    assert not torch.are_deterministic_algorithms_enabled()


def test_labels_of_any_whole_type_are_trained_on(session: Session) -> None:
    train_set = session.splits.train
    object.__setattr__(train_set, "labels", train_set.labels.astype(np.int16))
    train_step(session, np.arange(8))
