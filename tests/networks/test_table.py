"""The layer table: every weight is in one row, and its formula comes to its count."""

import torch
from torch import Tensor, nn

from tinylens import recipes
from tinylens.networks.table import layer_table, parameter_count


def evaluated(formula: str) -> int:
    return eval(formula.replace("·", "*")) if formula else 0


def test_four_by_four_is_as_published() -> None:
    model = recipes.find("four-by-four")().build((32, 32), 10)
    rows = {row.name: row for row in layer_table(model, (32, 32))}
    assert sum(row.parameters for row in rows.values()) == parameter_count(model) == 225_610
    assert (rows["conv1"].output, rows["conv1"].formula) == ((29, 29, 32), "32·3·4·4 + 32")
    assert [rows[name].parameters for name in ("conv1", "conv2", "dense1", "dense2")] == [1_568, 16_416, 205_056, 2_570]
    assert rows["flatten"].output == (800,)


def test_every_formula_comes_to_its_count() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(8 * 36, 2))
    for row in layer_table(model, (8, 8)):
        assert evaluated(row.formula) == row.parameters


class Scaled(nn.Module):
    """A module with weights of its own around a layer with more than one output."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3, 1, 1))
        self.inner = nn.LSTM(3, 5, batch_first=True)

    def forward(self, images: Tensor) -> Tensor:
        return self.inner((images * self.scale).flatten(2).transpose(1, 2))[0][:, -1]


def test_weights_beside_layers_and_layers_with_several_outputs_are_told() -> None:
    model = Scaled()
    rows = layer_table(model, (4, 4))
    assert sum(row.parameters for row in rows) == parameter_count(model)
    assert all(evaluated(row.formula) == row.parameters for row in rows)


def test_looking_leaves_the_model_as_it_was() -> None:
    model = nn.Sequential(nn.BatchNorm2d(3), nn.Dropout(), nn.Flatten(), nn.Linear(48, 2)).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    layer_table(model, (4, 4))
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(layer._forward_hooks for layer in model.modules())
