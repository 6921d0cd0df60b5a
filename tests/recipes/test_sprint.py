"""Sprint: what a network of whitened patches needs beside its layers."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tinylens import recipes
from tinylens.data import Splits
from tinylens.errors import Interrupted
from tinylens.hardware import choose_hardware
from tinylens.runs import Run
from tinylens.training.callbacks import Callback
from tinylens.training.fit import fit, new_session
from tinylens.training.session import Session

Prepare = Callable[..., tuple[Run, Splits]]
SMALL = {"batch_size": 50, "epochs": 3, "image_size": 16, "widths": [8, 16, 16]}


class Stop(Callback):
    """Stops training as a signal does, after some steps."""

    def __init__(self, after: int) -> None:
        self.after = after

    def after_step(self, session: Session) -> None:
        if session.progress.step == self.after:
            raise Interrupted("stopped", 2)


def test_the_last_layer_has_a_rate_of_its_own_and_kernels_are_moved_orthogonally() -> None:
    recipe = recipes.find("sprint")()
    network = recipe.build((32, 32), 10)
    optimizer = recipe.optimizer.build(recipe.parameter_groups(network))
    by_shape = {tuple(p.shape): group for group in optimizer.param_groups for p in group["params"]}
    assert by_shape[10, 256]["scale"] * recipe.optimizer.lr == pytest.approx(recipe.head_lr)
    assert not by_shape[10, 256]["orthogonal"]
    assert by_shape[256, 64, 3, 3]["orthogonal"]
    assert not by_shape[64,]["orthogonal"]
    learned = sum(p.numel() for group in optimizer.param_groups for p in group["params"])
    assert learned == sum(p.numel() for p in network.parameters() if p.requires_grad)


def test_another_optimizer_gets_plain_groups() -> None:
    recipe = recipes.find("sprint").resolve({"optimizer": "adamw"})
    (group,) = recipe.parameter_groups(recipe.build((32, 32), 10))
    assert set(group) == {"params"}


def test_patches_are_whitened_by_images_from_all_over_the_training_split(prepare: Prepare) -> None:
    run, splits = prepare("sprint", **SMALL)
    session = new_session(run, splits, choose_hardware("float32"))
    images = session.lens.prepare(torch.from_numpy(splits.train.images).permute(0, 3, 1, 2).float())
    with torch.no_grad():
        out = session.lens.network.whiten(images)[:, 0]
    assert 0.5 < out.square().mean() < 1.5


def test_grey_images_are_told_alike_in_both_precisions_alone_and_together(prepare: Prepare) -> None:
    run, splits = prepare("sprint", **SMALL, precision="float32", lens_precision="float32")
    fit(run, splits, progress=False)
    lens, images = run.lens, splits.test.images[:100]
    together = lens.logits(images, views=False)
    assert (together.argmax(dim=1).numpy() == splits.test.labels[:100]).mean() > 0.3
    alone = torch.cat([lens.logits(images[i : i + 1], views=False) for i in range(20)])
    torch.testing.assert_close(alone, together[:20], atol=1e-3, rtol=1e-3)
    lens.recipe = lens.recipe.model_copy(update={"lens_precision": "bfloat16"})
    rounded = lens.logits(images, views=False)
    assert (rounded - together).norm() < 0.05 * together.norm()


def test_training_that_was_stopped_goes_on_to_the_same_weights(prepare: Prepare) -> None:
    growth = [{"scale": 0.75}, {"since": 0.5, "scale": 1}]
    run, splits = prepare("sprint", **SMALL, growth=growth)
    fit(run, splits, progress=False)
    again, splits = prepare("sprint", **SMALL, growth=growth, keep_every=1)
    for after, resume in ((7, False), (9, True)):
        with pytest.raises(Interrupted):
            fit(again, splits, progress=False, resume=resume, own=[Stop(after)])
    fit(again, splits, progress=False, resume=True)
    images = splits.test.images
    assert np.array_equal(run.lens.logits(images).numpy(), again.lens.logits(images).numpy())
