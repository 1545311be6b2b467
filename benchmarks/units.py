"""Recurrent units compared with the nearest unit of torch.nn, and a training step with plain torch.nn, on the CPU.

`python -m benchmarks.units` prints the table, for one thread and, on two cores or more, for two.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from multiprocessing import get_context
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.measure import Row, compare, parser_of, print_rows, record
from models.batch import Batch
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from models.recurrent.layers import RecurrentStack
from models.recurrent.units import UNITS
from models.trainable import TrainableLanguageModel

BATCH, TIME, STEPS = 64, 35, 3
SIZES = {30: 12, 128: 4, 256: 2}  # hidden size, and how often a run goes over the batch
SIZE = 128  # of the vectors and the hidden layer of a training step
PLAIN_STEPS: list[Callable[[], None]] = []  # in the process that trains plainly


def units() -> Iterator[tuple[str, dict[str, Any], Callable[..., nn.RNNBase]]]:
    """Yield each unit, also with each setting but the activation changed, by name, and the nearest unit of torch.nn."""
    for name, unit in UNITS.items():
        peer = nn.LSTM if unit.states == 2 else nn.RNN if len(unit.gates) == 1 else nn.GRU
        yield name, {"kind": name}, peer
        for field in fields(unit):
            if not isinstance(field.default, str):
                changed = not field.default if isinstance(field.default, bool) else 5  # the Mogrifier's rounds
                yield f"{name}, {field.name} {changed}", {"kind": name, field.name: changed}, peer


def rows() -> Iterator[Row]:
    """Yield every comparison."""
    keep_freed_memory()
    multiply_by_onednn()  # for the peers in this process, too
    before = torch.get_num_threads()
    for threads in range(1, min(2, os.cpu_count() or 1) + 1):
        torch.set_num_threads(threads)
        for size, times in SIZES.items():
            for name, unit, peer in units():
                stack = RecurrentStack(unit, size, [size])
                yield layer(f"{name} {size} x{threads}", stack, peer(size, size, batch_first=True), times)
        for words, bfloat16 in ((2_000, False), (10_000, False), (10_000, True)):
            yield training_step(words, threads, bfloat16)
    torch.set_num_threads(before)


def layer(name: str, stack: RecurrentStack, peer: nn.RNNBase, times: int) -> Row:
    """Compare the forward and backward passes of a layer."""
    size = peer.hidden_size
    inputs, gradient = torch.randn(BATCH, TIME, size, requires_grad=True), torch.randn(BATCH, TIME, size)

    def run(module: nn.Module) -> Callable[[], None]:
        def both_ways() -> None:
            for _ in range(times):
                module(inputs)[0].backward(gradient)

        return both_ways

    peer_name, amount = f"torch.nn.{type(peer).__name__}", times * BATCH * TIME / 1e3
    return compare(name, run(stack), run(peer), peer_name=peer_name, amount=amount, unit="k tokens/s", runs=9)


def training_step(words: int, threads: int, bfloat16: bool) -> Row:
    """Compare a GRU language model's exact loss, gradients and Adam step with the same in plain torch.nn.

    With `bfloat16`, ours multiplies in that precision; the peer stays in float32.
    """
    settings = {"unit": "gru", "embedding_size": SIZE, "hidden_sizes": [SIZE], "optimizer": "adam"}
    model = TrainableLanguageModel(words, **settings, learning_rate=0.001, bfloat16=bfloat16)  # type: ignore[arg-type]
    optimizer = model.configure_optimizers()
    inputs, targets = some_words(words)

    def ours() -> None:
        for _ in range(STEPS):
            optimizer.zero_grad()
            model.loss(Batch(inputs, targets)).backward()
            optimizer.step()

    name = f"step, GRU {SIZE}, V={words:,} x{threads}" + ", bfloat16" * bfloat16
    peer_name, amount = "nn.GRU, Linear, cross_entropy, Adam; default allocator", STEPS * BATCH * TIME / 1e3
    # A process of its own, because the project's allocator setting holds for a whole process.
    with ProcessPoolExecutor(1, get_context("spawn"), make_plain_model, (words, threads)) as pool:
        peer = lambda: pool.submit(train_plainly).result()  # noqa: E731
        return compare(name, ours, peer, peer_name=peer_name, amount=amount, unit="k tokens/s")


def some_words(words: int) -> tuple[Tensor, Tensor]:
    """Return inputs and targets, (batch, time) each."""
    ids = torch.randint(words, (BATCH, TIME + 1), generator=torch.Generator().manual_seed(0))
    return ids[:, :-1], ids[:, 1:]


def make_plain_model(words: int, threads: int) -> None:
    """Make the plain model that `train_plainly` trains in this process."""
    torch.set_num_threads(threads)
    embedding, unit, output = nn.Embedding(words, SIZE), nn.GRU(SIZE, SIZE, batch_first=True), nn.Linear(SIZE, words)
    optimizer = torch.optim.Adam([*embedding.parameters(), *unit.parameters(), *output.parameters()])
    inputs, targets = some_words(words)

    def step() -> None:
        optimizer.zero_grad()
        hidden, _ = unit(embedding(inputs))
        F.cross_entropy(output(hidden).flatten(0, 1), targets.flatten()).backward()
        optimizer.step()

    PLAIN_STEPS.append(step)


def train_plainly() -> None:
    """Train the plain model of this process for `STEPS` steps."""
    for _ in range(STEPS):
        PLAIN_STEPS[0]()


def main() -> None:
    """Print the table."""
    record(parser_of(__doc__).parse_args(), print_rows(rows()))


if __name__ == "__main__":
    main()
