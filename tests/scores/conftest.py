from pathlib import Path

import numpy as np
import pytest
import torch

from models.language_model import RecurrentLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.settings.model_sections import Stream
from pipeline.store.building import build
from pipeline.store.vocabularies import Words
from tests.articles import an_article

WORDS = 30
SPLITS = ["train"] * 4 + ["valid"] * 2 + ["test"] * 5


@pytest.fixture
def repetitive(tmp_path: Path) -> SequenceData:
    """Articles of three words each, in random order: what occurred before is all there is to learn."""
    random = np.random.default_rng(1)
    vocabulary = Words.of([(f"w{n}", 1) for n in range(WORDS)], rows=1, unknown=1)
    articles = []
    for number, split in enumerate(SPLITS):
        own = random.choice(WORDS, 3, replace=False) + 2
        articles.append(an_article(number, random.choice(own, (20, 9)).tolist(), split))
    build(tmp_path / "repetitive.db", articles, vocabulary, 0.5)
    return SequenceData(tmp_path / "repetitive.db", seed=1, batches=Stream(kind="stream"))


@pytest.fixture
def model() -> RecurrentLanguageModel:
    torch.manual_seed(0)
    return RecurrentLanguageModel(WORDS + 3, unit="gru", embedding_size=6, hidden_sizes=[8])
