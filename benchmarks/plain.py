"""A language model's training step in plain torch.nn: `python -m benchmarks.plain WORDS SIZE THREADS`.

It runs in a process of its own, because the project's allocator setting holds for a whole process. For each line on
stdin it trains `STEPS` steps and prints a line.
"""

import sys

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STEPS = 3
BATCH, TIME = 64, 35


def some_words(words: int) -> tuple[Tensor, Tensor]:
    """Return inputs and targets, (batch, time) each."""
    ids = torch.randint(words, (BATCH, TIME + 1), generator=torch.Generator().manual_seed(0))
    return ids[:, :-1], ids[:, 1:]


def main() -> None:
    """Train for each line on stdin."""
    words, size, threads = map(int, sys.argv[1:])
    torch.set_num_threads(threads)
    embedding, unit = nn.Embedding(words, size), nn.GRU(size, size, batch_first=True)
    output = nn.Linear(size, words)
    optimizer = torch.optim.Adam([*embedding.parameters(), *unit.parameters(), *output.parameters()])
    inputs, targets = some_words(words)
    for _ in sys.stdin:
        for _ in range(STEPS):
            optimizer.zero_grad()
            hidden, _ = unit(embedding(inputs))
            F.cross_entropy(output(hidden).flatten(0, 1), targets.flatten()).backward()
            optimizer.step()
        print(flush=True)


if __name__ == "__main__":
    main()
