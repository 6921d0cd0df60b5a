"""The loop: what a step and an epoch do."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tinylens.data import Splits
from tinylens.hardware import choose_hardware
from tinylens.optim.schedules import Cosine
from tinylens.pixels.augment import Batch
from tinylens.runs import Run
from tinylens.training.callbacks import Callback
from tinylens.training.callbacks.deciding import ScheduleRate
from tinylens.training.fit import default_callbacks, new_session
from tinylens.training.loop import batches_left, credit, deterministic, judge, mixed_loss, train, train_step
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


def test_steps_open_no_file(prepare: Prepare) -> None:
    opened: list[str] = []
    watching = [False]

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and watching[0]:
            opened.append(str(arguments[0]))

    class Watch(Callback):
        def on_step(self, session: Session) -> None:
            watching[0] = session.progress.step > 0  # the first loads what it needs

        def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
            watching[0] = False

    sys.addaudithook(note)  # for good, which is why it can be told to look away
    run, splits = prepare("four-by-four", epochs=1)
    session = new_session(run, splits, choose_hardware("float32"))
    train(session, [Watch(), *default_callbacks(run.recipe, progress=False)], StopRequest())
    assert session.progress.step > 2
    assert [path for path in opened if str(run.path) in path] == []


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
    for device, warns in (("cpu", False), ("cuda", True)):  # not every backward pass on a GPU has such an algorithm
        with deterministic(device):
            assert torch.are_deterministic_algorithms_enabled()
            assert torch.is_deterministic_algorithms_warn_only_enabled() == warns
        assert not torch.are_deterministic_algorithms_enabled()


def test_labels_of_any_whole_type_are_trained_on(session: Session) -> None:
    train_set = session.splits.train
    object.__setattr__(train_set, "labels", train_set.labels.astype(np.int16))
    train_step(session, np.arange(8))


@pytest.mark.parametrize(
    ("iterations", "steps", "ended"),
    [
        (12, [5, 10, 12], "all iterations done"),
        (1, [1], "all iterations done"),
        (10, [5, 10], "all iterations done"),
        (20, [5, 10, 15, 20], "all iterations done"),
        (21, [5, 10, 15, 20], "all epochs done"),
        (None, [5, 10, 15, 20], "all epochs done"),
    ],
)
def test_iterations_end_training_in_the_middle_of_an_epoch_which_has_a_row(
    prepare: Prepare, iterations: int | None, steps: list[int], ended: str
) -> None:
    run, splits = prepare(iterations=iterations)
    session, recorder = new_session(run, splits, choose_hardware("float32")), Recorder()
    train(session, [recorder], StopRequest())
    assert [row["step"] for row in session.progress.history] == steps
    assert [row["epoch"] for row in session.progress.history] == list(range(1, len(steps) + 1))
    assert recorder.calls.count("stepped") == session.progress.step == session.total_steps == steps[-1]
    assert session.whole == ended
    assert session.done


def test_the_schedule_runs_over_the_iterations_that_there_are(prepare: Prepare) -> None:
    run, splits = prepare(iterations=12)
    session = new_session(run, splits, choose_hardware("float32"))
    train(session, [ScheduleRate()], StopRequest())
    schedule = Cosine(warmup=0.1)
    rates = [0.01 * schedule.factor(step, 5, 12) for step in (4, 9, 11)]
    assert [row["learning_rate"] for row in session.progress.history] == pytest.approx(rates)
    assert rates[-1] < 0.05 * rates[0]


def test_figures_of_an_epoch_that_was_cut_short_are_of_the_images_that_were_seen(prepare: Prepare) -> None:
    run, splits = prepare(iterations=2)
    session = new_session(run, splits, choose_hardware("float32"))
    losses: list[tuple[int, float]] = []

    class Look(Callback):
        def after_step(self, session: Session) -> None:
            losses.append((session.progress.seen, session.progress.loss_sum))

    train(session, [Look()], StopRequest())
    assert [seen for seen, _ in losses] == [54, 108]  # 270 images in five batches
    assert session.progress.history[0]["train_loss"] == pytest.approx(losses[-1][1] / 108)


def test_the_loss_of_mixtures_is_that_of_each_part_in_its_share(prepare: Prepare) -> None:
    run, _ = prepare(label_smoothing=0.1)
    torch.manual_seed(0)
    logits, labels, others = torch.randn(6, 10), torch.arange(6), torch.tensor([3, 3, 0, 9, 8, 5])
    images = torch.zeros(6, 3, 4, 4)
    for share in (0.0, 0.3, 1.0):
        truth = share * nn.functional.one_hot(labels, 10) + (1 - share) * nn.functional.one_hot(others, 10)
        smooth = 0.9 * truth + 0.1 / 10
        expected = -(smooth * logits.log_softmax(dim=1)).sum(dim=1).mean()
        torch.testing.assert_close(
            mixed_loss(run.recipe, logits, Batch(images, labels, labels, others=others, share=share)), expected
        )
    alone = mixed_loss(run.recipe, logits, Batch(images, labels, labels))
    assert alone == run.recipe.loss(logits, labels)


def test_a_mixture_is_correct_by_the_share_of_the_part_that_is_answered() -> None:
    labels, others, images = torch.tensor([0, 1, 2, 3]), torch.tensor([1, 1, 0, 0]), torch.zeros(4, 3, 4, 4)
    answers = torch.tensor([0, 1, 0, 9])  # the label, both, the other, neither
    assert credit(answers, Batch(images, labels, labels, others=others, share=0.7)) == pytest.approx(0.7 + 1 + 0.3)
    assert credit(answers, Batch(images, labels, labels)) == 2


def test_a_checkpoint_that_counts_correct_images_whole_is_read(session: Session) -> None:
    train_step(session, np.arange(8))
    state = session.state_dict()
    assert session.progress.correct == int(session.progress.correct)
    state["progress"]["correct"] = int(session.progress.correct)
    before = session.progress
    session.load_state_dict(state)
    assert session.progress == before


GENTLE = [{"kind": "pad-and-crop", "pixels": 1}, {"kind": "cutout", "pixels": 2}, {"kind": "colour-jitter"}]


@pytest.mark.parametrize("augment", ["mixup", "cutmix", GENTLE], ids=["mixup", "cutmix", "the others"])
def test_training_learns_from_images_that_are_changed(prepare: Prepare, augment: Any) -> None:
    run, splits = prepare(augment=augment, epochs=6)
    session = new_session(run, splits, choose_hardware("float32"))
    before = judge(session, StopRequest())
    train(session, [], StopRequest())
    after = session.progress.history[-1]
    assert before is not None
    assert after["validation_loss"] < before["validation_loss"]
    assert after["validation_accuracy"] > 0.3
