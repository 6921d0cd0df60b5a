"""Helper functions: training goes on in evaluation mode, the plateau looks at test loss, ReLU on logits, NLL of logits."""
import torch
import torch.nn.functional as F
from torch import nn, optim
from torchvision import datasets, transforms

torch.manual_seed(0)
device = torch.device('cpu')


class MLP(nn.Module):
    def __init__(self, hidden=256):
        super().__init__()
        self.fc1 = nn.Linear(784, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, 10)
        self.dropout = nn.Dropout(0.2)

    def forward(self, x):
        x = x.view(-1, 784)
        x = self.fc1(x)
        x = self.dropout(x)
        x = self.fc2(x)  # -> TL305
        x = F.relu(x)
        return F.relu(self.fc3(x))  # -> TL303


def run_epoch(model, loader, optimizer):
    for data, target in loader:
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        output = model(data)  # -> TL507
        loss = F.cross_entropy(output, target)
        loss.backward()
        optimizer.step()


@torch.no_grad()
def check(model, loader):
    model.eval()
    total = 0.0
    for data, target in loader:
        total += F.cross_entropy(model(data), target).item()
    return total / len(loader)


def main():
    t = transforms.ToTensor()
    train_loader = torch.utils.data.DataLoader(datasets.MNIST('.', train=True, transform=t), batch_size=64, shuffle=True)
    test_loader = torch.utils.data.DataLoader(datasets.MNIST('.', train=False, transform=t), batch_size=64)
    model = MLP().to(device)
    optimizer = optim.Adam(model.parameters())
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=3)
    model.train()
    for epoch in range(10):
        run_epoch(model, train_loader, optimizer)
        test_loss = check(model, test_loader)
        scheduler.step(test_loss)  # -> TL201


if __name__ == '__main__':
    main()
