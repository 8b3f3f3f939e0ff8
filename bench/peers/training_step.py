"""One training step as a PyTorch user would write it: training_step.py THREADS BATCH STEPS.

`steps`: makes STEPS steps and answers milliseconds per step.
"""

import sys
import time

from peer import answer, begin, torch
from torch import nn

threads, batch, steps_at_once = map(int, sys.argv[1:])
begin(threads)

net = nn.Sequential(
    nn.Linear(1024, 512), nn.LayerNorm(512), nn.GELU(), nn.Dropout(0.1), nn.Linear(512, 1), nn.Sigmoid()
)
optimiser = torch.optim.Adam(net.parameters(), lr=1e-4)
rows, targets = torch.randn(batch * steps_at_once, 1024), torch.rand(batch * steps_at_once, 1)


def steps():
    start = time.perf_counter()
    for at in range(0, len(rows), batch):
        loss = nn.functional.mse_loss(net(rows[at : at + batch]), targets[at : at + batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    yield (time.perf_counter() - start) * 1000 / steps_at_once


answer({'steps': steps})
