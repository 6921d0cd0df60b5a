"""The best epoch by test accuracy, no eval, no no_grad, softmax before cross-entropy, Keras' momentum."""
import torch
import torch.nn as nn
import torchvision as tv
import torchvision.transforms as tt
from torch.utils.data import DataLoader

torch.manual_seed(0)
train_tf = tt.Compose([tt.RandomCrop(32), tt.ToTensor(), tt.Normalize((0.5,) * 3, (0.5,) * 3)])  # -> TL406
test_tf = tt.Compose([tt.ToTensor()])
train_data = tv.datasets.CIFAR10('.', transform=train_tf)
test_data = tv.datasets.CIFAR10('.', train=False, transform=test_tf)
train_dl = DataLoader(train_data, 128, shuffle=True)
test_dl = DataLoader(test_data, 128)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32, momentum=0.99), nn.ReLU(), nn.MaxPool2d(2))  # -> TL306
        self.extra = [nn.Linear(100, 100), nn.Linear(100, 100)]  # -> TL312
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(32 * 16 * 16, 10)

    def forward(self, x):
        x = self.features(x).flatten(1)
        return torch.softmax(self.fc(self.drop(x)), dim=1)


model = Net()
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.SGD(model.parameters(), 0.1)
best = 0
for epoch in range(20):
    for xb, yb in train_dl:
        loss = loss_fn(model(xb), yb)  # -> TL302
        loss.backward()  # -> TL503
        opt.step()
    hits = 0
    for xb, yb in test_dl:
        hits += (model(xb).argmax(1) == yb).sum().item()  # -> TL403 TL504 TL505
    acc = hits / len(test_data)
    if acc > best:  # -> TL201
        best = acc
        torch.save(model.state_dict(), 'best.pt')
print('best', best)
