"""An n-gram model that answers as a trained model does: its gate is open to the n-grams alone."""

import math
from typing import TYPE_CHECKING

from pipeline.ngrams.table import NGramTable
from pipeline.records.models import ModelRecord
from pipeline.settings.model_sections import LanguageModelEntry, RandomRows
from pipeline.store.vocabulary import Vocabulary

if TYPE_CHECKING:  # torch takes a second to import
    from models.language_model import RecurrentLanguageModel


def record_alone(order: int, seed: int, vocabulary: Vocabulary) -> ModelRecord:
    """Return the record of a model of n-grams: it starts anew with each row, as n-grams do."""
    settings = LanguageModelEntry(hidden_sizes=[1], batches=RandomRows(kind="random_rows"), ngram_order=order)
    return ModelRecord(
        seed=seed, vocabulary_size=len(vocabulary), vocabulary=vocabulary.fingerprint, settings=settings.model_dump()
    )


def ngrams_alone(table: NGramTable, vocabulary_size: int) -> "RecurrentLanguageModel":
    """Return a model that gives the probabilities of these n-grams; its network has no say."""
    import torch

    from models.language_model import RecurrentLanguageModel

    order = len(table.levels)
    model = RecurrentLanguageModel(vocabulary_size, unit="gru", embedding_size=1, hidden_sizes=[1], ngram_order=order)
    assert model.gate
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
        model.gate.bias.fill_(math.inf)
    model.ngrams = table
    return model
