"""Small language models that are exported, and how far the logits of an export are from theirs."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from models.language_model import RecurrentLanguageModel
from pipeline.ngrams.markov import kneser_ney
from pipeline.ngrams.ngram_counts import SortedText, text_of
from pipeline.ngrams.table import NGramTable
from pipeline.records.models import ModelRecord
from pipeline.settings.model_sections import LanguageModelEntry
from pipeline.store.vocabularies.subwords import Subwords
from pipeline.store.vocabulary import Vocabulary, cut_texts
from pipeline.trained.files import GATED_BY
from pipeline.trained.learnt import ANSWERS_BY, before_sentence
from tests.models.test_units import VARIANTS
from wikilm.hugging_face.card import About
from wikilm.hugging_face.export import export_model
from wikilm.prediction import LanguageModel

TEXTS = [f"The King rules the land {n} times.  Ça va? It says so!\nNaïve café, 東京." for n in range(12)]
ABOUT = About("Twelve lines of a test", "Public domain", "bits per byte", "3.000")
UNIT = {"kind": "gru"}
STREAM, ROWS = {"kind": "stream"}, {"kind": "random_rows"}
# Each unit in two layers, then what surrounds it.
CASES: list[dict[str, Any]] = [
    *({"unit": unit, "hidden_sizes": [5, 4]} for unit in VARIANTS),
    {"unit": {"kind": "lstm"}, "hidden_sizes": [5, 4], "learn_initial_state": True, "batches": ROWS},
    {"unit": UNIT, "hidden_sizes": [6], "tie_weights": True, "loss": {"kind": "adaptive", "cutoffs": [20, 100]}},
    {"unit": UNIT, "hidden_sizes": [7, 5], "loss": {"kind": "adaptive", "cutoffs": [30]}, "batches": ROWS},
    {"unit": UNIT, "hidden_sizes": [4], "ngram_order": 1},
    {"unit": UNIT, "hidden_sizes": [5], "ngram_order": 4},
    {"unit": {"kind": "lstm"}, "hidden_sizes": [4], "ngram_order": 3, "batches": ROWS},
]


def named(case: dict[str, Any]) -> str:
    """Return the name of a case of a test."""
    return "-".join(map(str, (*case["unit"].values(), *case, case.get("ngram_order", "")))).strip("-")


def finest(case: dict[str, Any]) -> float:
    """Return how far logits in float64 may be apart; wikilm's n-grams stay float32."""
    return 1e-6 if "ngram_order" in case else 1e-8


def pieces() -> Vocabulary:
    """Return a vocabulary of pieces of words."""
    learnt = Subwords.learn(TEXTS, 300)
    counts = np.zeros(learnt.get_vocab_size(), np.int64)
    for text in TEXTS:
        counts += np.bincount(learnt.encode(text).ids, minlength=len(counts))
    return Subwords.by_frequency(learnt, counts, rows=12)[0]


def ids_of(vocabulary: Vocabulary, text: str) -> list[int]:
    """Return the ids of a text in pieces."""
    return [*map(int, cut_texts(vocabulary._cuts, [text])[0])]


def counted(vocabulary: Vocabulary, order: int) -> NGramTable:
    """Return the n-grams of TEXTS; 70% of the ENDs are targets."""
    ids, lengths = cut_texts(vocabulary._cuts, TEXTS)
    found = kneser_ney(SortedText(text_of(ids, lengths), order, len(vocabulary)), order, 0.7)
    return NGramTable(found.levels, found.bits, found.end_fraction)


def a_model(case: dict[str, Any], vocabulary: Vocabulary) -> LanguageModel:
    """Return a language model with random weights and the settings of a case."""
    whole = {"embedding_size": case["hidden_sizes"][-1] if case.get("tie_weights") else 3, "tie_weights": False}
    settings = LanguageModelEntry.model_validate({**whole, "bfloat16": False, "loss": "exact", **case}).model_dump()
    torch.manual_seed(1)
    own = {name: settings[name] for name in (*ANSWERS_BY, GATED_BY) if name != "batches"}
    network = RecurrentLanguageModel(len(vocabulary), **own).eval()
    for name, parameter in network.named_parameters():  # so that they write more than a piece again and again
        torch.nn.init.normal_(parameter, std=0.4 if name.startswith("recurrent") else 2)
    if network.gate:
        network.ngrams = counted(vocabulary, settings["ngram_order"])
    size, mark = len(vocabulary), vocabulary.fingerprint
    record = ModelRecord(seed=1, vocabulary_size=size, vocabulary=mark, settings=settings)
    run = SimpleNamespace(wiki=None)
    found = SimpleNamespace(name="small", record=record, network=network, vocabulary=vocabulary, run=run)
    return cast(LanguageModel, found)


def exported(case: dict[str, Any], folder: Path) -> LanguageModel:
    """Export a model with random weights into a folder; return it."""
    export_model(model := a_model(case, pieces()), folder, ABOUT)
    return model


@torch.no_grad()
def differences(export: Any, model: LanguageModel, texts: Sequence[str] = TEXTS[:3]) -> dict[str, float]:
    """Return the largest differences of an `export`'s logits from those of the model that was exported.

    They are by the way in which texts are read: alone, in a batch padded left or right, or in two parts.
    """
    before = before_sentence(model.record)
    rows = [[before, *ids_of(model.vocabulary, text)][: 9 + 5 * n] for n, text in enumerate(texts)]
    wanted = [logits(model, row) for row in rows]
    found: dict[str, list[Tensor]] = {"alone": [export(torch.tensor([row])).logits[0] for row in rows]}
    most = max(map(len, rows))
    for side in ("left", "right"):
        pads = [[2] * (most - len(row)) for row in rows]
        ids = [[*pad, *row] if side == "left" else [*row, *pad] for row, pad in zip(rows, pads, strict=True)]
        ones = [[int(place >= len(pad)) for place in range(most)] for pad in pads]
        mask = torch.tensor(ones if side == "left" else [own[::-1] for own in ones])
        read = export(torch.tensor(ids), attention_mask=mask)
        found[side] = [own[kept.bool()] for own, kept in zip(read.logits, mask, strict=True)]
    found["parts"] = []
    for row in rows:
        first = export(torch.tensor([row[:4]]))
        second = export(torch.tensor([row[4:]]), state=first.state)
        found["parts"].append(torch.cat([first.logits[0], second.logits[0]]))
    return {
        way: max(float((one - other).abs().max()) for one, other in zip(own, wanted, strict=True))
        for way, own in found.items()
    }


def logits(model: LanguageModel, row: list[int]) -> Tensor:
    """Return the logits of the model after each id of a row, (time, ids)."""
    hidden, _ = model.network(torch.tensor([row]))
    return model.network.logits(hidden[0], model.network.contexts_in(row[1:]))
