"""Train pytorch/examples' word_language_model on a database: `python -m benchmarks.peer_language_model DATABASE`.

`WORD_LANGUAGE_MODEL` names the folder of its checkout, whose `model.py` is used. It trains by the rules of its
`main.py` (20 rows of 35 steps, SGD whose learning rate falls to a quarter when validation does not improve, clipping
at 0.25) in one process with one thread and the system's own allocator. At each budget of CPU seconds, a line of JSON:
the best model so far, with its validation and test perplexity. Evaluation does not count.
"""

import argparse
import copy
import importlib.util
import json
import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipeline.scoring.targets import read_targets
from pipeline.store.sequences import Sequences

ROWS, EVALUATED_ROWS, STEPS, CLIP = 20, 10, 35, 0.25


def load_model_class(folder: Path) -> Any:
    """Return the class RNNModel of the checkout in `folder`."""
    spec = importlib.util.spec_from_file_location("word_language_model", folder / "model.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.RNNModel


def in_rows(sequences: Sequences, split: str, rows: int) -> Tensor:
    """Return a split's words and ENDs, (time, rows), as `batchify` does: what does not fit is cut off."""
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


def train(model: nn.Module, texts: dict[str, Tensor], rate: float, budgets: Sequence[float]) -> None:
    """Train until the last of the budgets, and print a line at each."""
    spent, epoch, best, left = 0.0, 0, (math.inf, model.state_dict()), list(budgets)
    text = texts["train"]
    while left:
        state, epoch = model.init_hidden(ROWS), epoch + 1  # type: ignore[operator] # the peer's own method
        for start in range(0, len(text) - 1, STEPS):
            began = time.process_time()
            inputs, targets = text[start : start + STEPS][: len(text) - 1 - start], text[start + 1 : start + 1 + STEPS]
            model.zero_grad()
            scores, state = model(inputs, detached(state))
            nn.functional.nll_loss(scores, targets.flatten()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            with torch.no_grad():
                for weight in model.parameters():
                    assert weight.grad is not None
                    weight.add_(weight.grad, alpha=-rate)
            spent += time.process_time() - began
            if left and spent >= left[0]:
                # The weights of now or those of the best epoch, whichever validation prefers.
                now = perplexity(model, texts["valid"]), copy.deepcopy(model.state_dict())
                report(
                    model,
                    min(now, best, key=lambda each: each[0]),
                    texts,
                    {"cpu_seconds": left.pop(0), "epoch": epoch, "learning_rate": rate},
                )
                if not left:
                    return
        valid = perplexity(model, texts["valid"])
        print(f"epoch {epoch}: {valid:.1f} valid, {spent:.0f} s", file=sys.stderr, flush=True)
        if valid < best[0]:
            best = valid, copy.deepcopy(model.state_dict())
        else:
            rate /= 4


def report(model: nn.Module, best: tuple[float, Any], texts: dict[str, Tensor], figures: dict[str, Any]) -> None:
    """Print the figures of the best weights so far; the model keeps its own."""
    own = copy.deepcopy(model.state_dict())
    model.load_state_dict(best[1])
    figures |= {"valid_perplexity": best[0], "test_perplexity": perplexity(model, texts["test"])}
    model.load_state_dict(own)
    print(json.dumps(figures), flush=True)


def main() -> None:
    """Train one model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--budgets", type=float, nargs="+", default=[600, 1800, 3600])
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--unit", default="LSTM")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    sequences = Sequences(arguments.database)
    rows = {"train": ROWS, "valid": EVALUATED_ROWS, "test": EVALUATED_ROWS}
    texts = {split: in_rows(sequences, split, number) for split, number in rows.items()}
    size, layers = arguments.size, arguments.layers
    make = load_model_class(Path(os.environ["WORD_LANGUAGE_MODEL"]))
    model = make(arguments.unit, len(sequences.vocabulary), size, size, layers, arguments.dropout, True)
    train(model, texts, arguments.rate, arguments.budgets)


if __name__ == "__main__":
    main()
