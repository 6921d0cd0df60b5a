"""The small network that chooses what a large one learns from."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tinylens.data import Splits
from tinylens.errors import Interrupted, TrainingError
from tinylens.hardware import choose_hardware
from tinylens.pixels.augment import Batch
from tinylens.runs import Run
from tinylens.training.callbacks import Callback
from tinylens.training.callbacks.deciding import ScheduleRate
from tinylens.training.fit import fit, new_session
from tinylens.training.loop import loaded, prepared, train_step
from tinylens.training.losses import losses
from tinylens.training.proxy import highest, part
from tinylens.training.session import Session

Prepare = Callable[..., tuple[Run, Splits]]
SMALL = {"batch_size": 40, "epochs": 2, "image_size": 16, "widths": [8, 16, 16], "hardest": 0.5}


class Stop(Callback):
    """Stops training as a signal does, after some steps."""

    def __init__(self, after: int) -> None:
        self.after = after

    def after_step(self, session: Session) -> None:
        if session.progress.step == self.after:
            raise Interrupted("stopped", 2)


@pytest.fixture
def session(prepare: Prepare) -> Session:
    run, splits = prepare("sprint", **SMALL)
    return new_session(run, splits, choose_hardware("float32"))


def test_the_highest_stay_in_their_order() -> None:
    values = torch.tensor([0.5, 3.0, 0.1, 2.0, 1.0])
    assert highest(values, 0.4).tolist() == [1, 3]
    assert highest(values, 0.01).tolist() == [1]
    assert highest(values, 1.0).tolist() == [0, 1, 2, 3, 4]


def test_a_part_of_a_batch_is_of_the_same_images_in_the_same_memory_format() -> None:
    images = torch.randn(4, 3, 8, 8).contiguous(memory_format=torch.channels_last)
    labels, others = torch.arange(4), torch.arange(4) + 4
    some = part(Batch(images, labels, labels + 8, others=others, share=0.3), torch.tensor([0, 2]))
    assert torch.equal(some.images, images[[0, 2]])
    assert some.images.is_contiguous(memory_format=torch.channels_last)
    assert some.others is not None
    assert [*some.labels, *some.places, *some.others] == [0, 2, 8, 10, 4, 6]
    assert some.share == 0.3


def test_a_step_learns_from_the_images_with_the_highest_losses(session: Session) -> None:
    proxy, indices = session.proxy, np.arange(40)
    assert proxy is not None
    batch = prepared(session, loaded(session, indices))
    with torch.no_grad():
        found = losses(proxy.network(batch.images), batch)
    chosen = proxy.hardest(batch, step=1)
    assert sorted(chosen.places.tolist()) == sorted(batch.places[found.topk(20).indices].tolist())
    train_step(session, indices)
    assert session.progress.seen == 20


def test_it_learns_at_each_fourth_step(session: Session) -> None:
    proxy = session.proxy
    assert proxy is not None
    ScheduleRate().on_step(session)
    batch = prepared(session, loaded(session, np.arange(40)))
    learned = []
    for step in range(6):
        before = proxy.network.stage2.first[0].weight.detach().clone()
        proxy.hardest(batch, step)
        learned.append(not torch.equal(proxy.network.stage2.first[0].weight, before))
    assert learned == [True, False, False, False, True, False]


def test_its_rate_follows_the_schedule(session: Session) -> None:
    assert session.proxy is not None
    session.progress.step = session.total_steps // 2
    ScheduleRate().on_step(session)
    assert [group["lr"] for group in session.proxy.optimizer.param_groups] == [
        group["lr"] for group in session.optimizer.param_groups
    ]


def test_going_on_gives_the_same_weights(prepare: Prepare) -> None:
    whole, splits = prepare("sprint", **SMALL, precision="float32")
    fit(whole, splits, progress=False)
    parted, _ = prepare("sprint", **SMALL, precision="float32")
    with pytest.raises(Interrupted):
        fit(parted, splits, progress=False, own=[Stop(5)])
    fit(parted, splits, resume=True, progress=False)
    for name, value in whole.lens.network.state_dict().items():
        assert torch.equal(parted.lens.network.state_dict()[name], value)


def test_a_recipe_without_a_small_model_says_so(prepare: Prepare) -> None:
    run, splits = prepare("four-by-four", hardest=0.5)
    with pytest.raises(TrainingError, match=r"four-by-four: .*hardest: this recipe has no build_proxy"):
        new_session(run, splits, choose_hardware("float32"))
