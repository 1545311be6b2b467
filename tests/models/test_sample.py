from typing import Any

import pytest
import torch

from models.language_model import RecurrentLanguageModel
from models.sample import SamplingParams, chances, sample

END = 1
LOGITS = torch.tensor([1.0, 3.0, 0.0, 2.0]).log_softmax(0)  # chances 0.087, 0.644, 0.032, 0.237


def a_model(**changes: Any) -> RecurrentLanguageModel:
    torch.manual_seed(0)
    arguments: dict[str, Any] = {"unit": "gru", "embedding_size": 8, "hidden_sizes": [8], **changes}
    return RecurrentLanguageModel(7, **arguments)


def write(
    model: RecurrentLanguageModel, seed: int = 0, rows: int = 40, steps: int = 6, **changes: Any
) -> list[list[int]]:
    prompt = torch.zeros(rows, 1, dtype=torch.int64)
    arguments: dict[str, Any] = {"end": END, "banned": [0, 6], **changes}
    sampling = arguments.pop("sampling", SamplingParams())
    return sample(model, prompt, steps, sampling, generator=torch.Generator().manual_seed(seed), **arguments)


@pytest.mark.parametrize(
    ("sampling", "kept"),
    [
        (SamplingParams(temperature=0.5, top_k=9), [0, 1, 2, 3]),
        (SamplingParams(top_k=2), [1, 3]),
        (SamplingParams(top_p=0.1), [1]),
        (SamplingParams(top_p=0.64), [1]),
        (SamplingParams(top_p=0.65), [1, 3]),
        (SamplingParams(top_k=2, top_p=0.7), [1]),  # 0.73 of what the two hold
        (SamplingParams(top_k=2, top_p=0.74), [1, 3]),
    ],
)
def test_unlikely_words_are_cut_and_the_others_keep_their_proportions(
    sampling: SamplingParams, kept: list[int]
) -> None:
    expected = torch.zeros(4)
    expected[kept] = (LOGITS / sampling.temperature)[kept].softmax(0)
    torch.testing.assert_close(chances(LOGITS.repeat(2, 1), sampling), expected.repeat(2, 1))


def test_what_is_drawn_has_the_chances_of_the_model() -> None:
    model = a_model()
    hidden, _ = model(torch.zeros(1, 1, dtype=torch.int64))
    logits = model.output(hidden[:, -1])[0].detach()
    logits[[0, 6, END]] = -torch.inf
    first = torch.tensor([row[0] for row in write(model, rows=20_000, steps=1)])
    torch.testing.assert_close(first.bincount(minlength=7) / 20_000, torch.softmax(logits, 0), atol=0.015, rtol=0)


@pytest.mark.parametrize("unit", ["gru", "lstm"])
def test_each_word_is_drawn_behind_the_prompt_and_all_words_since(unit: str) -> None:
    model = a_model(unit=unit, hidden_sizes=[8, 5])
    with torch.no_grad():
        model.output.get_parameter("weight").mul_(30)  # so that the words before matter
    prompts, generator = torch.tensor([[0, 2, 3], [0, 4, 4]]), torch.Generator().manual_seed(0)
    rows = sample(model, prompts, 6, SamplingParams(top_k=1), end=END, banned=[0, 6], generator=generator)
    for prompt, row in zip(prompts, rows, strict=True):
        hidden, _ = model(torch.cat([prompt, torch.tensor(row)])[None])
        logits = model.output(hidden)[0, 2:].detach()
        logits[:, [0, 6]] = -torch.inf
        logits[0, END] = -torch.inf
        assert logits.argmax(1)[: len(row)].tolist() == row


def test_rows_end_before_end_and_are_never_empty() -> None:
    model = a_model()
    with torch.no_grad():
        model.output.get_parameter("bias")[END] = 1.0
    rows = write(model, rows=200)
    assert {len(row) for row in rows} == {1, 2, 3, 4, 5, 6}
    assert {word for row in rows for word in row} == {2, 3, 4, 5}


def test_dropout_is_off_while_it_writes() -> None:
    model = a_model(dropout={"embedding": 0.5, "layers": 0.5, "output": 0.5, "weights": 0.5})
    model.train()
    assert write(model, 1) == write(model, 1) != write(model, 2)
