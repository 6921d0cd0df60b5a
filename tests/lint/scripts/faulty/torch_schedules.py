"""Schedulers in the wrong place or too late, a transform that is not used, validation with the training transform."""
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, MultiStepLR, OneCycleLR
from torch.utils.data import DataLoader, random_split
from torchvision.datasets import CIFAR100
from torchvision.transforms import Compose, Normalize, RandomCrop, RandomHorizontalFlip, ToTensor

torch.manual_seed(0)
flips = Compose([RandomHorizontalFlip(), ToTensor()])
unused = Compose([RandomCrop(32, 4), ToTensor()])  # -> TL406
train_set, val_set = random_split(CIFAR100('.', transform=flips), [45000, 5000])
train_loader, val_loader = DataLoader(train_set, 100, True), DataLoader(val_set, 100)
net = nn.Sequential(
    nn.Conv2d(3, 16, 1, padding=1),  # -> TL311
    nn.LeakyReLU(),
    nn.Tanh(),  # -> TL304
    nn.Flatten(),
    nn.LazyLinear(10),  # -> TL308
)
criterion = nn.CrossEntropyLoss()
num_epochs = 30
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
cosine = CosineAnnealingLR(optimizer, T_max=num_epochs)
steps = MultiStepLR(optimizer, [60, 80])  # -> TL501
cycle = OneCycleLR(optimizer, 0.1, epochs=num_epochs, steps_per_epoch=len(train_loader))
for epoch in range(num_epochs):
    net.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
        cosine.step()  # -> TL502
    steps.step()
    cycle.step()  # -> TL502
    net.eval()
    with torch.no_grad():
        val = sum(criterion(net(images), labels).item() for images, labels in val_loader)  # -> TL407
