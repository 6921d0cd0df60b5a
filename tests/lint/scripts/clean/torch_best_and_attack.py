"""Validation images chosen by their classes, the best epoch by them, and an attack on test images at the end."""
import copy

import torch
from helpers import set_seed
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets
from torchvision import transforms as T

set_seed(7)
norm = T.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
changed = T.Compose([T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(), T.ToTensor(), norm])
plain = T.Compose([T.ToTensor(), norm])
changed_set = datasets.CIFAR10("data", train=True, download=True, transform=changed)
plain_set = datasets.CIFAR10("data", train=True, transform=plain)
test_set = datasets.CIFAR10("data", train=False, transform=plain)
train_idx, val_idx = train_test_split(range(len(plain_set)), test_size=0.1, stratify=plain_set.targets, random_state=7)
train_loader = DataLoader(Subset(changed_set, train_idx), batch_size=128, shuffle=True)
val_loader = DataLoader(Subset(plain_set, val_idx), batch_size=256)
test_loader = DataLoader(test_set, batch_size=256)

model = nn.Sequential(
    nn.Conv2d(3, 32, 3, padding=1),
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3, padding=1),
    nn.BatchNorm2d(64),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(64, 10),
)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    return sum((model(x).argmax(1) == y).sum().item() for x, y in loader) / len(loader.dataset)


best_accuracy, best_weights = 0.0, None
for epoch in range(30):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    scheduler.step()
    val_accuracy = accuracy(model, val_loader)
    print(f"epoch {epoch}: validation accuracy {val_accuracy:.4f}")
    is_best = val_accuracy > best_accuracy
    if is_best:
        best_accuracy, best_weights = val_accuracy, copy.deepcopy(model.state_dict())

model.load_state_dict(best_weights)
test_accuracy = accuracy(model, test_loader)
half = 1.96 * (test_accuracy * (1 - test_accuracy) / len(test_set)) ** 0.5
low, high = max(0.0, test_accuracy - half), min(1.0, test_accuracy + half)
print(f"test accuracy {test_accuracy:.4f} [{low:.4f}, {high:.4f}]")

fooled = 0
model.eval()
for x, y in test_loader:
    x.requires_grad_(True)
    loss = criterion(model(x), y)
    model.zero_grad()
    loss.backward()
    attacked = x + 8 / 255 * x.grad.sign()
    with torch.no_grad():
        fooled += (model(attacked).argmax(1) != y).sum().item()
print(f"{fooled} test images are fooled")
