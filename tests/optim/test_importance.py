"""Images drawn by how much their gradients say."""

import pytest
import torch

from tinylens.optim.importance import Importance, drawn, share_at


def gradients(count: int) -> torch.Tensor:
    """Of a few images with much to say and many with little."""
    norms = torch.linspace(0, 4, count).exp() / 50
    return norms[:, None] * torch.nn.functional.normalize(torch.randn(count, 10, generator=torch.manual_seed(0)))


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_the_expected_gradient_is_that_of_all_and_the_share_is_drawn(share: float) -> None:
    found = gradients(200)
    torch.manual_seed(1)
    weights = torch.stack([drawn(found, share) for _ in range(4000)])
    assert ((weights > 0).sum(dim=1) - share * 200).abs().max() <= 1
    mean, spread = weights.mean(dim=0), weights.std(dim=0) / 4000**0.5
    assert ((mean - 1).abs() < 5 * spread + 1e-3).all()
    assert weights.max() < 10.001


def test_what_says_most_is_always_drawn_and_weighs_one() -> None:
    found = gradients(200)
    weights = torch.stack([drawn(found, 0.5) for _ in range(50)])
    assert (weights[:, -20:] == 1).all()
    assert (weights[:, 0] == 0).any()


def test_images_that_say_nothing_do_no_harm() -> None:
    weights = drawn(torch.zeros(100, 10), 0.5)
    assert weights.isfinite().all()
    assert int((weights > 0).sum()) == 50


def test_the_share_is_that_of_the_last_change_that_began() -> None:
    changes = [Importance(since=0.6, share=0.4), Importance(since=0.2, share=0.7)]
    assert [share_at(changes, done) for done in (0.0, 0.2, 0.59, 0.6, 1.0)] == [1, 0.7, 0.7, 0.4, 0.4]
    assert share_at((), 0.5) == 1
