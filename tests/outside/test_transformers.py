"""Exports in Hugging Face's transformers: logits, state, and what `generate` writes."""

import time
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import torch

from models.sample import SamplingParams
from pipeline.store.vocabulary import END
from pipeline.trained.predictions import write_sentences
from tests.hugging_face.agreement import CASES, differences, exported, finest, named
from tests.outside.conftest import Open
from wikilm.prediction import LanguageModel

pytestmark = pytest.mark.outside
STARTS = ["The King", "Naïve", "It says so! It"]


def written(export: Any, tokenizer: Any, texts: list[str], **how: Any) -> list[list[int]]:
    """Return the ids that an export writes behind some texts: the likeliest 12 each, but for END, or as `how` says."""
    read = tokenizer(texts, return_tensors="pt", padding=True, padding_side="left")
    found = export.generate(**read, **{"max_new_tokens": 12, "do_sample": False, **how})
    return [[*takewhile(lambda id: id != END, row)] for row in found[:, read.input_ids.shape[1] :].tolist()]


@pytest.mark.parametrize("case", CASES, ids=named)
def test_every_unit_answers_as_the_model_does(case: dict[str, Any], tmp_path: Path, opened: Open) -> None:
    from transformers import AutoTokenizer

    model = exported(case, first := tmp_path / f"first-{named(case)}")
    export, tokenizer = opened(first), AutoTokenizer.from_pretrained(first, trust_remote_code=True)
    assert max(differences(export, model).values()) < 1e-4
    own = []
    for text in STARTS:
        write = partial(write_sentences, model.network, model.record, model.vocabulary, 1, 12, SamplingParams(top_k=1))
        own += write(tokenizer(text, add_special_tokens=False).input_ids, seed=1)
    assert written(export, tokenizer, STARTS) == own
    assert written(export, tokenizer, STARTS, use_cache=False) == own
    beams = [written(export, tokenizer, STARTS, num_beams=4, use_cache=use) for use in (True, False)]
    assert beams[0] == beams[1]
    export.save_pretrained(second := tmp_path / f"second-{named(case)}")
    assert max(differences(opened(second), model).values()) < 1e-4
    model.network.double()
    assert max(differences(export.double(), model).values()) < finest(case)


def test_the_shipped_model_answers_as_it_does_in_wikilm(
    folder: Path, shipped: LanguageModel, opened: Open, tokenizer: Any
) -> None:
    export = opened(folder)
    assert max(differences(export, shipped).values()) < 1e-4
    text = "The capital of France is"
    own = shipped.generate(text, 12, top_k=1, seed=1)
    (likeliest,) = written(export, tokenizer, [text])
    assert text + tokenizer.decode(likeliest) == own
    beams = [written(export, tokenizer, [text], num_beams=4, use_cache=use) for use in (True, False)]
    assert beams[0] == beams[1] != [likeliest]


def test_a_text_of_twice_the_length_takes_twice_the_time(folder: Path, opened: Open, tokenizer: Any) -> None:
    export, seconds = opened(folder), {}
    for number in (10, 1000, 2000):
        start = time.process_time()
        written(export, tokenizer, ["The"], max_new_tokens=number, min_new_tokens=number, do_sample=True)
        seconds[number] = time.process_time() - start
    assert seconds[2000] < 2.5 * seconds[1000]


def test_a_state_that_is_handed_to_generate_stands_for_what_was_read(
    folder: Path, opened: Open, tokenizer: Any
) -> None:
    export, text = opened(folder), "The king of France"
    whole = written(export, tokenizer, [text])
    with torch.no_grad():
        state = export(**tokenizer(text[:8], return_tensors="pt")).state
    rest = tokenizer(text[8:], return_tensors="pt", add_special_tokens=False)
    found = export.generate(**rest, state=state, max_new_tokens=12, do_sample=False)
    assert found[0, rest.input_ids.shape[1] :].tolist() == whole[0]


def test_it_learns(folder: Path, opened: Open, tokenizer: Any) -> None:
    export, read = opened(folder), tokenizer("The king of France", return_tensors="pt")
    optimizer, losses = torch.optim.SGD(export.parameters(), 0.5), []
    for _ in range(3):
        losses.append(loss := export(**read, labels=read.input_ids).loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[2] < losses[0]


def test_an_old_version_is_an_error_of_one_line(folder: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    monkeypatch.setattr(transformers, "__version__", "4.57.1")
    with pytest.raises(ImportError, match=r"^this model needs transformers 5.0 or newer, and 4.57.1 is installed"):
        exec((folder / "modeling_wikilm.py").read_text(encoding="utf-8"), {"__name__": "old"})
