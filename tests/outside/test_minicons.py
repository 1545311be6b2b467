"""minicons gives the surprisals of wikilm, by piece and by word."""

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from pipeline.store.vocabularies.subwords import BLANK
from pipeline.store.vocabulary import END
from wikilm.prediction import LanguageModel

pytestmark = pytest.mark.outside
LINES = [
    "Who should Derek hug after shocking Richard?",
    "The keys to the cabinet are on the table.",
    "Many girls insulted themselves; 東京 (Tokyo) didn't, naïvely.",
    "Paris",
]


@pytest.fixture(scope="module")
def scorer(folder: Path, tokenizer: Any) -> Any:
    from minicons.scorer import IncrementalLMScorer

    return IncrementalLMScorer(str(folder), tokenizer=tokenizer, trust_remote_code=True)


def test_each_piece_has_its_surprisal(scorer: Any, shipped: LanguageModel) -> None:
    for line, found in zip(LINES, scorer.token_score(LINES, surprisal=True, base_two=True), strict=True):
        *own, _ = [piece.surprisal for piece in shipped.surprisals(line, whole=True, pieces=True).rows]
        assert [bits for _, bits in found[1:]] == pytest.approx(own, abs=1e-4)


def test_each_word_has_its_surprisal_with_the_blank_that_ends_it(scorer: Any, shipped: LanguageModel) -> None:
    """A word's pieces, and what may end it there less what could have begun there (Pimentel and Meister 2024)."""
    ending = [id for id, piece in enumerate(shipped.vocabulary.by_id) if piece[0] == BLANK or id == END]
    scored = scorer.word_score_tokenized(LINES, str.split, bow_correction=True, surprisal=True, base_two=True)
    for line, found in zip(LINES, scored, strict=True):
        _, ids = shipped.read(line)
        with torch.no_grad():
            hidden, _ = shipped.network(torch.tensor([[END, *ids]]))
            bits = -shipped.network.logits(hidden[0], shipped.network.contexts_in(ids)).log_softmax(1) / math.log(2)
        ends = -(-bits[:, ending] * math.log(2)).logsumexp(1) / math.log(2)
        starts = [at for at, id in enumerate(ids) if not at or shipped.vocabulary.by_id[id][0] == BLANK]
        own = [
            float(sum(bits[at, ids[at]] for at in range(first, after)) + ends[after] - (ends[first] if first else 0))
            for first, after in pairwise([*starts, len(ids)])
        ]
        assert [word for word, _ in found] == line.split()
        assert [score for _, score in found] == pytest.approx(own, abs=1e-4)
