"""Learning rates tried on the same weights; the second network is trained by the first one's optimizer; NLL of probabilities."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

torch.manual_seed(0)
tf = transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()])
loader = DataLoader(ImageFolder('data/train', tf), batch_size=32)


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(64 * 64 * 3, 50)

    def forward(self, x):
        x = torch.relu(self.a(x.flatten(1)))
        x = nn.Linear(50, 5)(x)  # -> TL312
        return F.softmax(x, dim=1)


model = Small()
for lr in [0.1, 0.01, 0.001]:
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)  # -> TL209
    for _ in range(5):
        for x, y in loader:
            optimizer.zero_grad()
            out = model(x)  # -> TL409
            loss = F.nll_loss(out, y)  # -> TL301
            loss.backward()
            optimizer.step()
model = Small()
for x, y in loader:
    optimizer.zero_grad()
    loss = F.nll_loss(torch.log(model(x)), y)  # -> TL409
    loss.backward()
    optimizer.step()  # -> TL508
