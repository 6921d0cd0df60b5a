import pytest
import torch

from tinylens.networks.dropout import Dropout


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.3, 0.5, 0.9])
def test_the_share_that_is_dropped_and_the_mean_are_right(rate: float) -> None:
    torch.manual_seed(0)
    out = Dropout(rate)(torch.ones(1_000_003))
    dropped = float((out == 0).float().mean())
    assert dropped == pytest.approx(rate, abs=4 * (rate * (1 - rate) / 1e6) ** 0.5)  # four standard deviations
    assert torch.allclose(out[out != 0], torch.tensor(1 / (1 - rate)))
    assert float(out.mean()) == pytest.approx(1, abs=4 * (rate / (1 - rate) / 1e6) ** 0.5)


def test_neighbours_share_a_draw_but_not_a_fate() -> None:
    torch.manual_seed(0)
    stays = (Dropout(0.3)(torch.ones(1_000_000)) != 0).float() - 0.7
    for distance in (1, 2, 3, 4):
        together = float((stays[:-distance] * stays[distance:]).mean()) / 0.21
        assert abs(together) < 0.005


def test_gradients_pass_where_numbers_do_and_are_scaled_alike() -> None:
    torch.manual_seed(0)
    x = torch.randn(50, 40, requires_grad=True)
    out = Dropout(0.5)(x)
    out.sum().backward()
    assert torch.equal(x.grad, torch.where(out == 0, 0.0, 2.0))


def test_every_channel_of_images_in_channels_last_is_dropped_alike() -> None:
    torch.manual_seed(0)
    x = torch.ones(64, 8, 16, 16).contiguous(memory_format=torch.channels_last)
    out = Dropout(0.25)(x)
    assert out.is_contiguous(memory_format=torch.channels_last)
    assert torch.allclose((out == 0).float().mean(dim=(0, 2, 3)), torch.tensor(0.25), atol=0.02)


def test_nothing_is_dropped_in_evaluation_at_rate_zero_or_of_a_slice_that_is_spread_in_memory() -> None:
    x = torch.randn(6, 10)
    assert torch.equal(Dropout(0.5).eval()(x), x)
    assert torch.equal(Dropout(0.0)(x), x)
    assert Dropout(0.5)(x[:, ::3]).shape == (6, 4)


def test_it_repeats_by_seed_and_keeps_the_type() -> None:
    first, second = (torch.manual_seed(s) and Dropout(0.5)(torch.ones(99, dtype=torch.bfloat16)) for s in (4, 4))
    assert torch.equal(first, second)
    assert first.dtype == torch.bfloat16


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="dropout rate"):
        Dropout(rate)
