"""pytorch/examples' word_language_model, trained on a database for `python -m benchmarks.language_models`.

`WORD_LANGUAGE_MODEL` names the folder of its checkout, whose `model.py` is used. It trains by the rules of its
`main.py` (20 rows of 35 steps, SGD whose learning rate falls to a quarter when validation does not improve, clipping
at 0.25) in one process with one thread. Evaluation does not count.
"""

import copy
import math
import os
import runpy
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipeline.scores.targets import read_targets
from pipeline.store.sequences import Sequences

ROWS, EVALUATED_ROWS, STEPS, CLIP, RATE = 20, 10, 35, 0.25, 20.0


def in_rows(sequences: Sequences, split: str, rows: int) -> Tensor:
    """Return a split's words and ENDs, (time, rows), as `batchify` does: the rest is cut off."""
    line = torch.from_numpy(read_targets(sequences, split).ids.astype("int64"))
    time_steps = len(line) // rows
    return line[: time_steps * rows].view(rows, time_steps).t().contiguous()


def detached(state: Any) -> Any:
    """Return a state without its history."""
    return state.detach() if isinstance(state, Tensor) else tuple(part.detach() for part in state)


@torch.no_grad()
def perplexity(model: nn.Module, text: Tensor) -> float:
    """Return the perplexity with the state carried through each row."""
    model.eval()
    state, total = model.init_hidden(text.shape[1]), 0.0  # type: ignore[operator] # the peer's own method
    for start in range(0, len(text) - 1, STEPS):
        inputs, targets = text[start : start + STEPS][: len(text) - 1 - start], text[start + 1 : start + 1 + STEPS]
        scores, state = model(inputs, state)
        total += len(inputs) * nn.functional.nll_loss(scores, targets.flatten()).item()
    model.train()
    return math.exp(total / (len(text) - 1))


def train(database: Path, size: int, dropout: float, seed: int, budgets: Sequence[float]) -> Iterator[dict[str, Any]]:
    """Train an LSTM of two layers until the last of the budgets of CPU seconds; yield the best figures at each."""
    torch.manual_seed(seed)
    sequences = Sequences(database)
    rows = {"train": ROWS, "valid": EVALUATED_ROWS, "test": EVALUATED_ROWS}
    texts = {split: in_rows(sequences, split, number) for split, number in rows.items()}
    make = runpy.run_path(f"{os.environ['WORD_LANGUAGE_MODEL']}/model.py")["RNNModel"]
    model = make("LSTM", len(sequences.vocabulary), size, size, 2, dropout, True)
    best, left = (math.inf, copy.deepcopy(model.state_dict())), sorted(budgets)
    spent, epoch, rate = 0.0, 0, RATE
    text = texts["train"]
    while left:
        state, epoch = model.init_hidden(ROWS), epoch + 1
        for start in range(0, len(text) - 1, STEPS):
            began = time.process_time()
            inputs, targets = text[start : start + STEPS][: len(text) - 1 - start], text[start + 1 : start + 1 + STEPS]
            state = step(model, inputs, targets, state, rate)
            spent += time.process_time() - began
            if left and spent >= left[0]:
                yield {"epochs": epoch, "cpu_seconds": left.pop(0)} | best_figures(model, best, texts)
                if not left:
                    return
        valid = perplexity(model, texts["valid"])
        print(f"epoch {epoch}: {valid:.1f} valid, {spent:.0f} s", file=sys.stderr, flush=True)
        if valid < best[0]:
            best = valid, copy.deepcopy(model.state_dict())
        else:
            rate /= 4


def step(model: Any, inputs: Tensor, targets: Tensor, state: Any, rate: float) -> Any:
    """Train on a batch; return the state after it."""
    model.zero_grad()
    scores, state = model(inputs, detached(state))
    nn.functional.nll_loss(scores, targets.flatten()).backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(weight.grad, alpha=-rate)
    return state


def best_figures(model: Any, best: tuple[float, Any], texts: dict[str, Tensor]) -> dict[str, float]:
    """Return the perplexities of the current weights or of the best epoch's, whichever is better on validation."""
    own = copy.deepcopy(model.state_dict())
    valid, weights = min((perplexity(model, texts["valid"]), own), best, key=lambda each: each[0])
    model.load_state_dict(weights)
    test = perplexity(model, texts["test"])
    model.load_state_dict(own)
    return {"valid_perplexity": valid, "test_perplexity": test}
