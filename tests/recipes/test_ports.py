"""Each recipe from a Keras source, built again from real Keras layers: with the same weights, the same logits."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tinylens import recipes
from tinylens.networks.dropout import Dropout
from tinylens.networks.table import layer_table

keras = pytest.importorskip("keras", reason="Keras is not here to compare with")
from tests.recipes import keras_models  # noqa: E402  # it needs Keras

L = keras.layers


def weighted(model: nn.Module) -> Iterator[nn.Module]:
    """The layers that have weights, in order."""
    return (
        layer for layer in model.modules() if isinstance(layer, nn.Conv2d | nn.Linear | nn.BatchNorm1d | nn.BatchNorm2d)
    )


def copy_weights(ours: nn.Module, theirs: Any) -> None:
    """Give the Keras model the weights of ours. The first dense layer after a Flatten reads channels last in Keras."""
    shape = None
    with_weights = [layer for layer in theirs.layers if layer.weights or isinstance(layer, L.Flatten)]
    own = weighted(ours)
    for layer in with_weights:
        if isinstance(layer, L.Flatten):
            shape = layer.input.shape[1:]
            continue
        mine = next(own)
        if isinstance(mine, nn.Conv2d):
            layer.set_weights([mine.weight.detach().permute(2, 3, 1, 0).numpy(), mine.bias.detach().numpy()])
        elif isinstance(mine, nn.Linear):
            kernel = mine.weight.detach()
            if shape is not None:
                height, width, channels = shape
                kernel = kernel.reshape(-1, channels, height, width).permute(0, 2, 3, 1).reshape(len(kernel), -1)
                shape = None
            layer.set_weights([kernel.T.numpy(), mine.bias.detach().numpy()])
        else:
            values = (mine.weight, mine.bias, mine.running_mean, mine.running_var)
            layer.set_weights([value.detach().numpy() for value in values])
    assert next(own, None) is None


@pytest.fixture(params=keras_models.MODELS, ids=lambda port: "-".join([port[0], *port[1]]))
def port(request: pytest.FixtureRequest) -> tuple[nn.Module, Any]:
    """A recipe's model and Keras' with the same weights, none of them as they were initialised."""
    name, settings, classes, layers = request.param
    torch.manual_seed(0)
    ours = recipes.find(name).resolve(settings).build((32, 32), classes)
    for layer in weighted(ours):
        nn.init.normal_(layer.bias, std=0.1)
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.running_mean, std=0.1)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
    theirs = keras.Sequential([keras.Input((32, 32, 3)), *layers()])
    copy_weights(ours, theirs)
    return ours, theirs


def images(count: int) -> torch.Tensor:
    return torch.rand(count, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def keras_logits(theirs: Any, x: torch.Tensor, *, training: bool) -> torch.Tensor:
    return torch.as_tensor(keras.ops.convert_to_numpy(theirs(x.permute(0, 2, 3, 1).numpy(), training=training)))


def test_logits_agree(port: tuple[nn.Module, Any]) -> None:
    ours, theirs = port
    with torch.no_grad():
        torch.testing.assert_close(
            ours.eval()(images(8)), keras_logits(theirs, images(8), training=False), atol=1e-4, rtol=1e-4
        )


def test_parameters_agree(port: tuple[nn.Module, Any]) -> None:
    ours, theirs = port
    assert sum(p.numel() for p in ours.parameters()) == sum(int(np.prod(w.shape)) for w in theirs.trainable_weights)


def test_batch_normalisation_agrees_in_training_and_learns_the_same_statistics() -> None:
    from tinylens.networks.keras import keras_batch_norm

    ours, theirs = keras_batch_norm(3, spatial=True), L.BatchNormalization()
    x = images(64) * 3 + 1
    torch.testing.assert_close(
        ours(x).permute(0, 2, 3, 1), keras_logits(theirs, x, training=True), atol=1e-4, rtol=1e-4
    )
    torch.testing.assert_close(ours.running_mean, torch.as_tensor(keras.ops.convert_to_numpy(theirs.moving_mean)))
    # torch keeps the unbiased variance, Keras the biased one: over 65,536 numbers a channel that is 1.5e-5 of it.
    torch.testing.assert_close(
        ours.running_var, torch.as_tensor(keras.ops.convert_to_numpy(theirs.moving_variance)), rtol=1e-4, atol=1e-5
    )


def test_a_batch_norm_momentum_of_one_never_learns() -> None:
    from tinylens.networks.keras import keras_batch_norm

    norm = keras_batch_norm(3, spatial=True, momentum=1.0)
    norm(images(64) * 5)
    assert norm.running_mean.tolist() == [0, 0, 0]


def test_dropout_drops_the_same_share_and_keeps_the_mean() -> None:
    ours, theirs = (
        Dropout(0.3)(torch.ones(100_000)),
        L.Dropout(0.3)(np.ones(100_000, dtype=np.float32), training=True),
    )
    for dropped in (ours, torch.as_tensor(keras.ops.convert_to_numpy(theirs))):
        assert (dropped == 0).float().mean() == pytest.approx(0.3, abs=0.01)
        assert dropped.max() == pytest.approx(1 / 0.7)


def test_the_loss_of_raw_outputs_is_what_keras_makes_of_them() -> None:
    from tinylens.networks.keras import cross_entropy_of_raw_outputs

    outputs = torch.randn(200, 10, generator=torch.Generator().manual_seed(2))
    labels = torch.arange(200) % 10
    theirs = keras.losses.CategoricalCrossentropy()(np.eye(10, dtype=np.float32)[labels], outputs.numpy())
    assert cross_entropy_of_raw_outputs(outputs, labels).item() == pytest.approx(float(theirs), rel=1e-5)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("four-by-four", [1_568, 16_416, 205_056, 2_570]),
        ("dense-net", [6_293_504, 2_098_176, 524_800, 131_328, 2_570]),
        ("mini-vgg", [896, 9_248, 18_496, 36_928, 819_712, 5_130]),
        ("leaky-cnn", [448, 4_640, 9_248, 18_496, 1_048_832, 2_570]),
        ("wide-cnn", [14_336, 1_179_904, 295_040, 1_050_624, 2_098_176, 102_500]),
        (
            "elu-net",
            [
                *(10_752, 147_840, 590_208, 983_680, 1_639_040, 3_687_040, 1_966_848, 2_360_064, 2_360_064),
                *(590_592, 2_753_408, 3_212_160, 7_226_240, 3_671_040, 4_195_328, 1_049_600, 4_719_744),
                *(1_328_256, 115_300),
            ],
        ),
    ],
)
def test_parameters_are_those_worked_out_by_hand(name: str, counts: list[int]) -> None:
    model = recipes.find(name).resolve({}).build((32, 32), 100 if counts[-1] > 100_000 else 10)
    assert [sum(p.numel() for p in layer.parameters()) for layer in weighted(model)] == counts


@pytest.mark.parametrize(("name", "settings", "classes", "layers"), keras_models.OWN, ids=lambda v: str(v)[:12])
def test_what_our_own_recipes_are_timed_against_has_as_many_parameters(
    name: str, settings: dict[str, Any], classes: int, layers: Callable[[], list[Any]]
) -> None:
    ours = recipes.find(name).resolve(settings).build((32, 32), classes)
    theirs = keras.Sequential([keras.Input((32, 32, 3)), *layers()])
    theirs(np.zeros((2, 32, 32, 3), np.float32))
    learned = sum(int(np.prod(weight.shape)) for weight in theirs.trainable_weights)
    assert learned == sum(parameter.numel() for parameter in ours.parameters() if parameter.requires_grad)


def test_the_elu_network_has_the_shapes_that_its_source_prints() -> None:
    recipe = recipes.find("elu-net").resolve({"as_published": True})
    model = recipe.build((32, 32), 100)
    rows = {row.name: row for row in layer_table(model, (32, 32))}
    assert sum(row.parameters for row in rows.values()) == 42_607_204
    assert rows["pad"].output == (40, 40, 3)
    sides = [40, *[20] * 4, *[10] * 4, *[5] * 3, *[3] * 3, *[2] * 2, 1]
    units = [384, 384, 384, 640, 640, 640, 768, 768, 768, 768, 896, 896, 896, 1024, 1024, 1024, 1152, 1152]
    assert [rows[f"conv{i}"].output for i in range(1, 19)] == [
        (side, side, unit) for side, unit in zip(sides, units, strict=True)
    ]
    pools = [rows[f"pool{i}"].output for i in range(1, 8)]
    assert [height for height, _, _ in pools] == [20, 10, 5, 3, 2, 1, 1]
    assert rows["flatten"].output == (1152,)
    assert rows["dense"].output == (100,)
