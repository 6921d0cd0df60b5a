"""nn.Sequential from functions, mixed precision, gradient accumulation, cosine by epoch, MobileNet-like blocks."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, random_split
import torchvision.transforms.v2 as v2
from torchvision.datasets import SVHN

torch.manual_seed(11)


def conv_bn(inp, oup, stride):
    return nn.Sequential(nn.Conv2d(inp, oup, 3, stride, 1, bias=False), nn.BatchNorm2d(oup), nn.ReLU6(inplace=True))


class InvertedResidual(nn.Module):
    def __init__(self, inp, oup, stride, expand):
        super().__init__()
        hidden = inp * expand
        self.use_res = stride == 1 and inp == oup
        self.conv = nn.Sequential(
            nn.Conv2d(inp, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False), nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, oup, 1, bias=False), nn.BatchNorm2d(oup))

    def forward(self, x):
        return x + self.conv(x) if self.use_res else self.conv(x)


class Mobile(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.stem = conv_bn(3, 16, 1)
        self.blocks = nn.ModuleList([InvertedResidual(16, 24, 2, 4), InvertedResidual(24, 24, 1, 4)])
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(24, classes))

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


transform = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.44] * 3, [0.2] * 3)])
full = SVHN('data', split='train', transform=transform)
train_set, val_set = random_split(full, [0.9, 0.1], generator=torch.Generator().manual_seed(0))
test_set = SVHN('data', split='test', transform=transform)
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
val_loader = DataLoader(val_set, batch_size=64)
model = Mobile()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
epochs, accumulate = 10, 4
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
plateau = None
loss_fn = nn.CrossEntropyLoss()
for epoch in range(epochs):
    model.train()
    optimizer.zero_grad()
    for step, (x, y) in enumerate(train_loader):
        loss = loss_fn(model(x), y) / accumulate
        loss.backward()
        if (step + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
    scheduler.step()
    model.eval()
    val_loss = 0.0
    with torch.no_grad():
        for x, y in val_loader:
            val_loss += loss_fn(model(x), y).item()
    print(epoch, 'val loss', val_loss / len(val_loader))
probabilities = torch.softmax(model(next(iter(DataLoader(test_set, batch_size=8)))[0]), dim=1)
