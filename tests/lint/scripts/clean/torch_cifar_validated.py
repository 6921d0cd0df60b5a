"""A residual network on CIFAR-10, chosen on a part of the training images, one look at the test images."""
import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Subset
from torchvision import datasets
from torchvision import transforms as T
from tqdm import tqdm

SEED = 1234
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)

train_tf = T.Compose([T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(), T.ToTensor(), T.Normalize(MEAN, STD)])
test_tf = T.Compose([T.ToTensor(), T.Normalize(MEAN, STD)])
train_full = datasets.CIFAR10('data', train=True, transform=train_tf, download=True)
valid_full = datasets.CIFAR10('data', train=True, transform=test_tf, download=True)
test_set = datasets.CIFAR10('data', train=False, transform=test_tf, download=True)
indices = list(range(len(train_full)))
np.random.shuffle(indices)
split = int(np.floor(0.1 * len(train_full)))
train_idx, valid_idx = indices[split:], indices[:split]
train_loader = DataLoader(Subset(train_full, train_idx), batch_size=128, shuffle=True, num_workers=2)
valid_loader = DataLoader(Subset(valid_full, valid_idx), batch_size=256)
test_loader = DataLoader(test_set, batch_size=256)


class BasicBlock(nn.Module):
    def __init__(self, in_planes, planes, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_planes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=1, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_planes != planes:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_planes, planes, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(planes))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, num_blocks, num_classes=10):
        super().__init__()
        self.in_planes = 16
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self._make_layer(16, num_blocks[0], 1)
        self.layer2 = self._make_layer(32, num_blocks[1], 2)
        self.layer3 = self._make_layer(64, num_blocks[2], 2)
        self.linear = nn.Linear(64, num_classes)

    def _make_layer(self, planes, num_blocks, stride):
        strides = [stride] + [1] * (num_blocks - 1)
        layers = []
        for stride in strides:
            layers.append(BasicBlock(self.in_planes, planes, stride))
            self.in_planes = planes
        return nn.Sequential(*layers)

    def forward(self, x):
        out = torch.relu(self.bn1(self.conv1(x)))
        out = self.layer3(self.layer2(self.layer1(out)))
        out = nn.functional.adaptive_avg_pool2d(out, 1)
        return self.linear(out.view(out.size(0), -1))


device = 'cuda' if torch.cuda.is_available() else 'cpu'
model = ResNet([3, 3, 3]).to(device)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
EPOCHS = 60
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, steps_per_epoch=len(train_loader), epochs=EPOCHS)
scaler = torch.cuda.amp.GradScaler()


def evaluate(model, loader):
    model.eval()
    hits, seen = 0, 0
    with torch.inference_mode():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            hits += (model(x).argmax(1) == y).sum().item()
            seen += y.size(0)
    return hits / seen


best = 0.0
for epoch in range(EPOCHS):
    model.train()
    for x, y in tqdm(train_loader, desc=f'epoch {epoch}'):
        x, y = x.to(device, non_blocking=True), y.to(device)
        optimizer.zero_grad(set_to_none=True)
        with torch.cuda.amp.autocast():
            loss = criterion(model(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        scheduler.step()
    accuracy = evaluate(model, valid_loader)
    print(f'validation accuracy {accuracy:.4f}')
    if accuracy > best:
        best = accuracy
        torch.save(model.state_dict(), 'best.pt')
model.load_state_dict(torch.load('best.pt'))
print(f'test accuracy {evaluate(model, test_loader):.4f}')
