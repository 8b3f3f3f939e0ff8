"""One interaction head (decomposable attention, Parikh et al. 2016) on token vectors: interaction.py THREADS FILE.

FILE is what ../support/tokenFile.ts writes: little-endian, without gaps,
    int32 [5]               width of a vector W, tokens N, texts T, training rows R, held-out rows H
    int32 [T], int32 [T]    first token of each text, and how many it has (1 or more)
    R rows, then H rows, each as int32 [rows], int32 [rows], float32 [rows]: premise and hypothesis (numbers of
                            texts), target 0–1
    float16 [N, W]          the encoder's last hidden state of each token

`train EPOCHS`: goes on training and answers the seconds of each epoch. `pearson`: answers r on the held-out rows.

What does not change while training (the four scalars, float32 of the vectors) is computed once before, untimed.
"""

import sys
import time

from peer import answer, begin, torch
from torch import nn
from torch.nn import functional

inner, drop, learning_rate, batch, window, limit = 200, 0.2, 5e-4, 32, 8, 1

begin(int(sys.argv[1]))


def read_file(path):
    with open(path, 'rb') as file:

        def take(dtype, count):
            size = count * torch.empty(0, dtype=dtype).element_size()
            return torch.frombuffer(bytearray(file.read(size)), dtype=dtype) if count else torch.empty(0, dtype=dtype)

        width, tokens, texts, *counts = take(torch.int32, 5).tolist()
        starts, lengths = take(torch.int32, texts).long(), take(torch.int32, texts).long()
        splits = []
        for rows in counts:
            sides = torch.stack([take(torch.int32, rows), take(torch.int32, rows)]).long()
            splits.append((sides, take(torch.float32, rows)))
        return take(torch.float16, tokens * width).view(tokens, width).float(), starts, lengths, splits


vectors, starts, lengths, (training, held_out) = read_file(sys.argv[2])


def pad(texts):
    """Token numbers [texts, longest], and which of them count, [texts, longest, 1] of 0 and 1."""
    own = lengths[texts][:, None]
    place = torch.arange(int(own.max()))[None]
    return starts[texts][:, None] + torch.minimum(place, own - 1), (place < own)[:, :, None].float()


def late_interaction(sides):
    """Mean MaxSim both ways, lowest MaxSim of the hypothesis, cosine of the mean vectors: [rows, 4]."""
    scalars = torch.empty(sides.shape[1], 4)
    for chosen in by_length(sides, torch.arange(sides.shape[1])).split(batch):
        (one, one_counts), (other, other_counts) = (pad(side[chosen]) for side in sides)
        premise, hypothesis = vectors[one], vectors[other]
        cosines = functional.normalize(hypothesis, dim=2) @ functional.normalize(premise, dim=2).transpose(1, 2)
        of_hypothesis = cosines.masked_fill(one_counts.transpose(1, 2) == 0, -2).amax(2)
        of_premise = cosines.masked_fill(other_counts == 0, -2).amax(1)
        one_counts, other_counts = one_counts.squeeze(2), other_counts.squeeze(2)
        scalars[chosen, 0] = (of_hypothesis * other_counts).sum(1) / other_counts.sum(1)
        scalars[chosen, 1] = (of_premise * one_counts).sum(1) / one_counts.sum(1)
        scalars[chosen, 2] = of_hypothesis.masked_fill(other_counts == 0, 2).amin(1)
        # The sum of a text's vectors has the direction of their mean.
        scalars[chosen, 3] = functional.cosine_similarity(
            (premise * one_counts[:, :, None]).sum(1), (hypothesis * other_counts[:, :, None]).sum(1)
        )
    return scalars


def by_length(sides, rows):
    return rows[lengths[sides[:, rows]].sum(0).argsort()]


def two_layers(width):
    return nn.Sequential(
        nn.Linear(width, inner),
        nn.ReLU(),
        nn.Dropout(drop),
        nn.Linear(inner, inner),
        nn.ReLU(),
        nn.Dropout(drop),
    )


class Interaction(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.project = nn.Linear(width, inner)
        self.attend = two_layers(inner)
        self.compare = two_layers(4 * inner)
        self.aggregate = two_layers(4 * inner + 4)
        self.score = nn.Linear(inner, 1)

    def forward(self, premise, hypothesis, scalars):
        """Scores [rows] of texts numbered in `premise` and `hypothesis`, [rows] each."""
        (one, one_counts), (other, other_counts) = pad(premise), pad(hypothesis)

        def apart(values):
            left, right = values.split([one.numel(), other.numel()])
            return left.view(*one.shape, -1), right.view(*other.shape, -1)

        # The tokens of both sides go through each layer as one matrix: larger products, fewer calls.
        tokens = self.project(vectors[torch.cat([one.flatten(), other.flatten()])])
        own, others = apart(tokens)
        left, right = apart(self.attend(tokens))
        affinity = left @ right.transpose(1, 2)
        to_other = affinity.masked_fill(other_counts.transpose(1, 2) == 0, -torch.inf).softmax(2)
        to_own = affinity.masked_fill(one_counts == 0, -torch.inf).softmax(1)
        aligned = torch.cat([(to_other @ others).flatten(0, 1), (to_own.transpose(1, 2) @ own).flatten(0, 1)])
        compared = self.compare(torch.cat([tokens, aligned, tokens - aligned, tokens * aligned], 1))
        summary = []
        for values, counts in zip(apart(compared), (one_counts, other_counts)):
            # After a ReLU nothing is below 0, so padding at 0 leaves the maximum as it is.
            counted = values * counts
            summary += [counted.sum(1) / counts.sum(1), counted.max(1).values]
        return self.score(self.aggregate(torch.cat([*summary, scalars], 1))).squeeze(1).sigmoid()


scalars, held_out_scalars = late_interaction(training[0]), late_interaction(held_out[0])
net = Interaction(vectors.shape[1])
optimiser = torch.optim.AdamW(net.parameters(), lr=learning_rate)


def train(epochs):
    sides, targets = training
    net.train()
    for _ in range(epochs):
        start = time.perf_counter()
        for rows in torch.randperm(len(targets)).split(batch * window):
            for chosen in by_length(sides, rows).split(batch):
                optimiser.zero_grad(set_to_none=True)
                functional.mse_loss(net(*sides[:, chosen], scalars[chosen]), targets[chosen]).backward()
                nn.utils.clip_grad_norm_(net.parameters(), limit)
                optimiser.step()
        yield time.perf_counter() - start


@torch.no_grad()
def pearson():
    sides, targets = held_out
    net.eval()
    scores = torch.empty(len(targets))
    for chosen in by_length(sides, torch.arange(len(targets))).split(batch):
        scores[chosen] = net(*sides[:, chosen], held_out_scalars[chosen])
    yield torch.corrcoef(torch.stack([scores, targets]))[0, 1]


answer({'train': train, 'pearson': pearson})
