"""Five regression heads on pooled features: ensemble.py THREADS [ROWS].

Linear(1537→256) + LayerNorm + GELU + Dropout(.3) → 1, sigmoid; AdamW 2e-4, batch 64, gradients of each member clipped
at 1, mse; no early stopping. All members see the same rows in the same order, as in Gradus. The features are random:
they do not change the time.

`loop EPOCHS`, `stacked EPOCHS`, `wide EPOCHS`: trains anew and answers the seconds it took.
- loop: five modules one after the other
- stacked: weights [5, in, out], torch.baddbmm
- wide: stacked, but the first layers as one matrix [1537, 5 · 256], which is possible as the rows are the same
"""

import sys
import time

from peer import answer, begin, torch
from torch import nn
from torch.nn import functional

members, width, hidden, batch = 5, 1537, 256, 64
drop, learning_rate, limit = 0.3, 2e-4, 1

threads, rows = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5749
begin(threads)
features, targets = torch.randn(rows, width), torch.rand(rows, 1)


def batches(epochs):
    for _ in range(epochs):
        for chosen in torch.randperm(rows).split(batch):
            yield features[chosen], targets[chosen]


def loop(epochs):
    nets = [
        nn.Sequential(
            nn.Linear(width, hidden),
            nn.LayerNorm(hidden),
            nn.GELU(),
            nn.Dropout(drop),
            nn.Linear(hidden, 1),
            nn.Sigmoid(),
        )
        for _ in range(members)
    ]
    optimisers = [torch.optim.AdamW(net.parameters(), lr=learning_rate, foreach=True) for net in nets]
    start = time.perf_counter()
    for x, y in batches(epochs):
        for net, optimiser in zip(nets, optimisers):
            optimiser.zero_grad(set_to_none=True)
            functional.mse_loss(net(x), y).backward()
            nn.utils.clip_grad_norm_(net.parameters(), limit)
            optimiser.step()
    yield time.perf_counter() - start


def uniform(*shape, of):
    return nn.Parameter(torch.empty(shape).uniform_(-(of**-0.5), of**-0.5))


class Stacked(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = uniform(members, width, hidden, of=width)
        self.bias = uniform(members, 1, hidden, of=width)
        self.gain = nn.Parameter(torch.ones(members, 1, hidden))
        self.shift = nn.Parameter(torch.zeros(members, 1, hidden))
        self.score_weight = uniform(members, hidden, 1, of=hidden)
        self.score_bias = uniform(members, 1, 1, of=hidden)

    def first(self, x):
        return torch.baddbmm(self.bias, x.expand(members, -1, -1), self.weight)

    def forward(self, x):
        normal = functional.layer_norm(self.first(x), (hidden,)) * self.gain + self.shift
        kept = functional.dropout(functional.gelu(normal), drop, self.training)
        return torch.baddbmm(self.score_bias, kept, self.score_weight).sigmoid()

    def gradients(self):
        """Views of the gradients [members, …]."""
        return [parameter.grad.flatten(1) for parameter in self.parameters()]


class Wide(Stacked):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(self.weight.detach().transpose(1, 2).reshape(members * hidden, width))
        self.bias = nn.Parameter(self.bias.detach().flatten())

    def first(self, x):
        return functional.linear(x, self.weight, self.bias).view(-1, members, hidden).transpose(0, 1)

    def gradients(self):
        return [parameter.grad.view(members, -1) for parameter in self.parameters()]


def train_together(net, epochs):
    optimiser = torch.optim.AdamW(net.parameters(), lr=learning_rate, foreach=True)
    start = time.perf_counter()
    for x, y in batches(epochs):
        optimiser.zero_grad(set_to_none=True)
        (net(x) - y).square().mean((1, 2)).sum().backward()
        gradients = net.gradients()
        norms = torch.stack([gradient.norm(dim=1) for gradient in gradients]).norm(dim=0)
        factors = (limit / (norms + 1e-6)).clamp(max=1)[:, None]
        for gradient in gradients:
            gradient.mul_(factors)
        optimiser.step()
    yield time.perf_counter() - start


answer(
    {
        'loop': loop,
        'stacked': lambda epochs: train_together(Stacked(), epochs),
        'wide': lambda epochs: train_together(Wide(), epochs),
    }
)
