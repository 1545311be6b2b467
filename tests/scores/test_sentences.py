from typing import Any

import numpy as np
import pytest
import torch

from models.gate import Gate
from models.language_model import RecurrentLanguageModel
from models.recurrent.layers import Layer
from pipeline.ngrams.markov import kneser_ney
from pipeline.ngrams.ngram_counts import SortedText, text_of
from pipeline.scores.sentences import network_logs, table_logs, unigram_logs

V, END = 12, 1
RANDOM = np.random.default_rng(0)
# Alike at the beginning, one the beginning of another, twice the same, empty, longer than all others.
ROWS = [[2, 3, 4], [2, 3], [2, 3, 4], [], [2, 5], [9], [*RANDOM.integers(2, V, 40).tolist()], [2, 3, 4, 5, 6]]
LOSSES = {"exact": {"kind": "exact"}, "adaptive": {"kind": "adaptive", "cutoffs": [4, 8]}}


def network(unit: str, loss: str, order: int = 0) -> RecurrentLanguageModel:
    torch.manual_seed(0)
    own: dict[str, Any] = {"loss": LOSSES[loss], "ngram_order": order, "learn_initial_state": True}
    model = RecurrentLanguageModel(V, unit=unit, embedding_size=6, hidden_sizes=[7, 5], **own).eval()
    for layer in model.recurrent.layers:
        assert isinstance(layer, Layer)
        torch.nn.init.normal_(layer.get_parameter("initial"))
        layer.in_bfloat16 = True
    if order:
        text = text_of(RANDOM.integers(2, V, 180).astype(np.uint16), np.full(30, 6))
        model.ngrams = kneser_ney(SortedText(text, order, V), order)
    return model


def one_by_one(model: RecurrentLanguageModel, row: list[int]) -> np.ndarray:
    """The logs of a row's ids and of END in float32, read alone as one sequence."""
    for layer in model.recurrent.layers:
        assert isinstance(layer, Layer)
        layer.in_bfloat16 = False
    with torch.no_grad():
        hidden, _ = model(torch.tensor([[END, *row]]))
        logs = torch.log_softmax(model.logits(hidden[0], model.contexts_in(row)).double(), -1)
    found: np.ndarray = logs[torch.arange(len(row) + 1), torch.tensor([*row, END])].numpy()
    return found


@pytest.mark.parametrize(
    ("unit", "loss", "order"), [("gru", "exact", 0), ("lstm", "adaptive", 0), ("elman", "exact", 3)]
)
@pytest.mark.parametrize("cells", [1, 100, 1 << 18])
def test_sentences_are_scored_in_float32_as_one_by_one(unit: str, loss: str, order: int, cells: int) -> None:
    model = network(unit, loss, order)
    whole, alone = network_logs(model, END, ROWS, cells)
    assert all(layer.in_bfloat16 for layer in model.recurrent.layers)  # as before
    for row, own in zip(ROWS, whole, strict=True):
        assert own == pytest.approx(one_by_one(model, row), abs=1e-5)
    model.gate = None
    for row, own in zip(ROWS, alone, strict=True):
        assert own == pytest.approx(one_by_one(model, row), abs=1e-5)


def test_the_same_sentences_tie_and_a_shared_beginning_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model, read = network("gru", "exact"), []
    forward = RecurrentLanguageModel.forward

    def counted(self: RecurrentLanguageModel, inputs: torch.Tensor, state: object = None) -> object:
        read.append(inputs.numel())
        return forward(self, inputs, state)  # type: ignore[arg-type]

    monkeypatch.setattr(RecurrentLanguageModel, "forward", counted)
    logs, _ = network_logs(model, END, ROWS)
    assert sum(read) == len({tuple(row[:n]) for row in ROWS for n in range(len(row) + 1)})
    assert logs[0].tolist() == logs[2].tolist()
    assert network_logs(model, END, []) == ([], [])


def test_ngrams_and_the_unigram_score_every_id_and_end() -> None:
    table = network("gru", "exact", 2).ngrams
    for row, own in zip(ROWS, table_logs(table, ROWS), strict=True):  # type: ignore[arg-type] # a table
        expected = [
            table.after(contexts[None])[0, id] for contexts, id in zip(table.contexts(row), [*row, END], strict=True)
        ]
        assert np.exp(own) == pytest.approx(np.array(expected), abs=1e-6)
    counts = np.array([0, 3, *[1] * 10])
    assert np.exp(unigram_logs(counts, [[2, 2]])[0]) == pytest.approx(np.array([2, 2, 4]) / 25)


def test_a_gate_weighs_both() -> None:
    model = network("gru", "exact", 2)
    assert isinstance(model.gate, Gate)
    with torch.no_grad():
        model.gate.weight.zero_()
        model.gate.bias.fill_(torch.tensor(0.75).logit())
    whole, alone = network_logs(model, END, [[2, 3]])
    counted = table_logs(model.ngrams, [[2, 3]])[0]  # type: ignore[arg-type] # a table
    assert np.exp(whole[0]) == pytest.approx(0.75 * np.exp(counted) + 0.25 * np.exp(alone[0]), abs=1e-6)
