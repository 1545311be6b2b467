from typing import Any

import pytest
import torch
from torch import Tensor

from models.batch import Batch
from models.embedding_model import EmbeddingModel

V = 11
WORDS = torch.tensor([[2, 3, 4, 5, 6, 7], [9, 8, 2, 2, 5, 3]])


def a_model(**changes: Any) -> EmbeddingModel:
    torch.manual_seed(0)
    settings: dict[str, Any] = {"recurrent": "gru", "directions": 2, "embedding_size": 8, "window": 0, "dropout": 0.0}
    settings |= {"negatives": 3, "learning_rate": 0.01, "counts": torch.ones(V)}
    return EmbeddingModel(V, **settings | changes).double()


def a_batch(words: Tensor, fresh: bool = True) -> Batch:
    return Batch(words, words, torch.full((len(words),), fresh))


@pytest.mark.parametrize("unit", ["elman", "lstm"])
def test_a_word_is_predicted_from_those_before_it_and_those_behind_it(unit: str) -> None:
    model = a_model(recurrent=unit)
    contexts = model.contexts(a_batch(WORDS))
    embedded = model.embedding(WORDS)
    assert model.from_behind is not None
    for t in range(WORDS.shape[1]):
        before = model.recurrent(embedded[:, :t])[0][:, -1] if t else torch.zeros(2, 4).double()
        backwards = embedded[:, t + 1 :].flip(1)
        behind = model.from_behind(backwards)[0][:, -1] if backwards.shape[1] else torch.zeros(2, 4).double()
        torch.testing.assert_close(contexts[:, t], torch.cat([before, behind], 1))


def test_without_recurrent_units_the_window_predicts_alone() -> None:
    model = a_model(recurrent="none", window=1)
    assert not any("recurrent" in name or "behind" in name for name, _ in model.named_parameters())
    embedded = model.embedding(WORDS)
    torch.testing.assert_close(model.contexts(a_batch(WORDS))[:, 2], 0.2 * (embedded[:, 1] + embedded[:, 3]))


@pytest.mark.parametrize("directions", [1, 2])
def test_the_vectors_of_near_words_are_added_by_their_distance(directions: int) -> None:
    plain, model = a_model(directions=directions), a_model(directions=directions, window=2)
    assert model.near.tolist() == pytest.approx([0.1, 0.2, 0.2, 0.1][: 2 * directions])
    with torch.no_grad():
        model.near.copy_(torch.tensor([5.0, 6.0, 7.0, 8.0][: 2 * directions]))
    model.load_state_dict(plain.state_dict() | {"near": model.near})
    embedded, weights = model.embedding(WORDS), dict(zip((-2, -1, 1, 2), model.near.tolist(), strict=False))
    expected = plain.contexts(a_batch(WORDS)).clone()
    for t in range(WORDS.shape[1]):
        for offset, weight in weights.items():
            if 0 <= t + offset < WORDS.shape[1]:
                expected[:, t] += weight * embedded[:, t + offset]
    torch.testing.assert_close(model.contexts(a_batch(WORDS)), expected)


def test_the_recurrent_units_of_long_vectors_read_and_predict_the_first_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.embedding_model.RECURRENT", 4)
    short, model = a_model(embedding_size=4, window=2), a_model(window=2)
    first = {"embedding.weight": model.embedding.weight[:, :4]}
    recurrent = {name: value for name, value in model.state_dict().items() if "recurrent" in name or "behind" in name}
    short.load_state_dict(short.state_dict() | recurrent | first)
    contexts, embedded = model.contexts(a_batch(WORDS)), model.embedding(WORDS)
    torch.testing.assert_close(contexts[..., :4], short.contexts(a_batch(WORDS)))
    near = 0.2 * (embedded[:, 1] + embedded[:, 3]) + 0.1 * (embedded[:, 0] + embedded[:, 4])
    torch.testing.assert_close(contexts[:, 2, 4:], near[:, 4:])


def test_training_drops_values_of_each_read_word_by_chance() -> None:
    model = a_model(embedding_size=64, directions=1, window=1, dropout=0.25)
    with torch.no_grad():
        for weight in model.recurrent.parameters():
            weight.zero_()
        model.embedding.weight.fill_(1)
        model.near.fill_(3)
    read = model.contexts(a_batch(WORDS))[:, 1:]  # three times the word before
    dropped = (read == 0).double()
    torch.testing.assert_close(read, 4 * (1 - dropped))
    assert 0.15 < dropped.mean() < 0.35
    assert len(dropped.view(-1, 64).unique(dim=0)) == dropped[..., 0].numel()
    torch.testing.assert_close(model.eval().contexts(a_batch(WORDS))[:, 1:], torch.full_like(read, 3))
    recurrent = a_model(dropout=0.5)
    assert not recurrent.contexts(a_batch(WORDS)).equal(recurrent.contexts(a_batch(WORDS)))


def test_two_directions_do_not_predict_the_last_of_an_odd_number_of_values() -> None:
    contexts = a_model(embedding_size=5).contexts(a_batch(WORDS))
    assert contexts.any(dim=0).any(dim=0).tolist() == [True] * 4 + [False]


def test_what_stands_before_is_carried_from_batch_to_batch_until_a_row_is_fresh() -> None:
    model = a_model(directions=1)
    whole = model.contexts(a_batch(WORDS))
    halves = [model.contexts(a_batch(WORDS[:, 3 * n : 3 * n + 3], fresh=not n)) for n in range(2)]
    torch.testing.assert_close(torch.cat(halves, 1), whole)


def test_vectors_start_from_others_at_one_length_but_for_those_of_zeros() -> None:
    model = a_model()
    drawn = {name: weight.clone() for name, weight in model.state_dict().items()}
    given = torch.arange(float(V * 9)).view(V, 9).double()
    given[4] = 0
    model.start_from(given, given)
    for name, size in (("embedding.weight", 8), ("output.weight", 8)):
        weight = model.state_dict()[name]
        torch.testing.assert_close(weight[4], drawn[name][4])
        others = torch.arange(V) != 4
        torch.testing.assert_close(weight[others].norm(dim=1), torch.full((V - 1,), 0.1 * size**0.5).double())
        assert torch.cosine_similarity(weight[others], given[others, :size]).min() > 1 - 1e-9
