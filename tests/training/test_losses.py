"""Losses of batches whose images may be mixtures."""

from collections.abc import Callable

import torch
from torch import nn

from tinylens.data import Splits
from tinylens.pixels.augment import Batch
from tinylens.runs import Run
from tinylens.training.losses import losses, mixed_loss

Prepare = Callable[..., tuple[Run, Splits]]


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


def test_the_losses_of_single_images_have_the_loss_of_all_as_their_mean(prepare: Prepare) -> None:
    run, _ = prepare()
    torch.manual_seed(0)
    logits, labels, others = torch.randn(6, 10), torch.arange(6), torch.tensor([3, 3, 0, 9, 8, 5])
    images = torch.zeros(6, 3, 4, 4)
    for batch in (Batch(images, labels, labels), Batch(images, labels, labels, others=others, share=0.3)):
        torch.testing.assert_close(losses(logits, batch).mean(), mixed_loss(run.recipe, logits, batch))
