"""Judging inside context managers of one's own: a generator that yields in the midst of others, and a class."""

import contextlib

import torch
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms

torch.manual_seed(1)
prepare = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
learnt, kept = random_split(datasets.CIFAR10("data", train=True, transform=prepare, download=True), [45000, 5000])
test = datasets.CIFAR10("data", train=False, transform=prepare)
net = nn.Sequential(
    nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(256, 10)
)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)


@contextlib.contextmanager
def judging(network):
    before = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield network
    finally:
        network.train(before)


class Judging:
    def __init__(self, network):
        self.network, self.off = network, torch.inference_mode()

    def __enter__(self):
        self.network.eval()
        self.off.__enter__()
        return self.network

    def __exit__(self, *why):
        self.off.__exit__(*why)
        self.network.train()


def accuracy(images):
    with judging(net) as quiet, contextlib.suppress(KeyboardInterrupt):
        right = sum((quiet(x).argmax(1) == y).sum().item() for x, y in DataLoader(images, 500))
        return right / len(images)


for epoch in range(10):
    for x, y in DataLoader(learnt, 128, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    print(f"validation accuracy {accuracy(kept):.3f}")

with Judging(net) as quiet:
    print("test", sum((quiet(x).argmax(1) == y).sum().item() for x, y in DataLoader(test, 500)) / len(test))
