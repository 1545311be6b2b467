"""Recurrent units compared with the nearest unit of torch.nn, and a training step with plain torch.nn, on the CPU."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from benchmarks.measure import Row, compare
from benchmarks.plain import BATCH, STEPS, TIME, some_words
from models.batch import Batch
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from models.recurrent.units import RecurrentStack
from models.trainable import TrainableLanguageModel

TOKENS = BATCH * TIME
SIZES = {30: 12, 128: 4, 256: 2}  # hidden size, and how often a run goes over the batch
SIZE = 128  # of the vectors and the hidden layer of a training step
UNITS: list[tuple[str, str, dict[str, Any], Callable[..., nn.RNNBase]]] = [
    ("elman", "elman", {}, nn.RNN),
    ("rated", "rated", {}, nn.GRU),
    ("gru, reset before", "gru", {"reset_after": False}, nn.GRU),
    ("gru, reset after", "gru", {}, nn.GRU),
    ("lstm, peepholes", "lstm", {"peepholes": True}, nn.LSTM),
    ("lstm", "lstm", {}, nn.LSTM),
    ("gru, mogrifier", "gru", {"mogrifier": 5}, nn.GRU),
    ("lstm, mogrifier", "lstm", {"mogrifier": 5}, nn.LSTM),
    ("mingru", "mingru", {}, nn.GRU),
]


def rows() -> Iterator[Row]:
    """Yield every comparison, with one thread and, on two cores or more, with two."""
    keep_freed_memory()
    multiply_by_onednn()  # for the peers in this process, too
    before = torch.get_num_threads()
    for count in range(1, min(2, os.cpu_count() or 1) + 1):
        torch.set_num_threads(count)
        for size, times in SIZES.items():
            for name, unit, settings, peer in UNITS:
                stack = RecurrentStack({"kind": unit, **settings}, size, [size])
                yield layer(f"{name} {size} x{count}", stack, peer(size, size, batch_first=True), times)
        for words in (2_000, 10_000):
            yield training_step(words, count)
        yield training_step(10_000, count, bfloat16=True)
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

    amount = times * TOKENS / 1e3
    return compare(
        name,
        run(stack),
        run(peer),
        peer_name=f"torch.nn.{type(peer).__name__}",
        amount=amount,
        unit="k tokens/s",
        runs=9,
    )


def training_step(words: int, count: int, *, bfloat16: bool = False) -> Row:
    """Compare a GRU language model's exact loss, gradients and Adam step with the same in plain torch.nn.

    With `bfloat16`, ours multiplies in that precision; the peer stays in float32.
    """
    model = TrainableLanguageModel(
        words,
        unit="gru",
        embedding_size=SIZE,
        hidden_sizes=[SIZE],
        optimizer="adam",
        learning_rate=0.001,
        bfloat16=bfloat16,
    )
    optimizer = model.configure_optimizers()
    inputs, targets = some_words(words)

    def ours() -> None:
        for _ in range(STEPS):
            optimizer.zero_grad()
            model.loss(Batch(inputs, targets)).backward()
            optimizer.step()

    command = [sys.executable, "-m", "benchmarks.plain", str(words), str(SIZE), str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        told, answers = process.stdin, process.stdout
        assert told is not None
        assert answers is not None

        def peer() -> None:
            print(file=told)
            if not answers.readline():
                raise RuntimeError("benchmarks.plain ended")

        row = compare(
            f"step, GRU {SIZE}, V={words:,} x{count}" + ", bfloat16" * bfloat16,
            ours,
            peer,
            peer_name="nn.GRU, Linear, cross_entropy, Adam; default allocator",
            amount=STEPS * TOKENS / 1e3,
            unit="k tokens/s",
        )
        told.close()
    return row
