"""One measurement of a recipe's model in plain PyTorch, printed as one line of JSON. It runs in a peer's environment.

python benchmarks/peers/torch_training.py JOB        JOB: as throughput.py makes it

It is the loop that PyTorch's tutorials have, with all its defaults: float32, channels first, a `DataLoader` over a
`TensorDataset` of images divided by 255, `zero_grad`, `backward`, `step`, and the loss summed up for people.
"""

import json
import sys
from typing import Any

import numpy as np
import torch
from keras_network import layers
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch_network import network, sized

from clock import Clock

OPTIMIZERS = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adamax": torch.optim.Adamax,
}


def optimizer(fields: dict[str, Any], model: nn.Module) -> torch.optim.Optimizer:
    """PyTorch's optimizer with a recipe's rate and momentum; in place of Muon, SGD with Nesterov's momentum."""
    if fields["kind"] in ("sgd", "muon"):
        momentum = fields.get("momentum", 0.0)
        return torch.optim.SGD(model.parameters(), min(fields["lr"], 0.01), momentum, nesterov=momentum > 0)
    return OPTIMIZERS[fields["kind"]](model.parameters(), fields["lr"])


def train(model: nn.Module, loader: DataLoader[Any], made: torch.optim.Optimizer, clock: Clock) -> None:
    """Train epoch after epoch until the clock is over."""
    loss_of = nn.CrossEntropyLoss()
    while True:
        running, seen = 0.0, 0
        for images, labels in loader:
            clock.step_begins(seen)
            if clock.over:
                return
            made.zero_grad()
            loss = loss_of(model(images), labels)
            loss.backward()
            made.step()
            running += loss.item()
            seen += len(images)


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Train a model until its clock is over.

    job: recipe and settings; images, an .npz file with x_train and y_train; batch_size; optimizer, a recipe's fields;
    seconds to measure.
    """
    with np.load(job["images"]) as arrays:
        x = torch.from_numpy(arrays["x_train"]).permute(0, 3, 1, 2).contiguous().float() / 255
        y = torch.from_numpy(arrays["y_train"]).long()
    model = sized(network(layers(job)), x[:2])
    loader = DataLoader(TensorDataset(x, y), batch_size=job["batch_size"], shuffle=True)
    clock = Clock(job["seconds"])
    train(model, loader, optimizer(job["optimizer"], model), clock)
    parameters = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    about = {"parameters": parameters, "precision": "float32", "threads": torch.get_num_threads()}
    return clock.result() | about | {"versions": {"torch": torch.__version__, "numpy": np.__version__}}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
