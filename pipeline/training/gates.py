"""The gates of a language model at each word of a sentence."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from models.language_model import LanguageModel
from models.recurrent.gates import stack_gates
from pipeline.store.sequences import Sequences

SHORTEST, LONGEST = 8, 20  # words of an example
LOOKED_AT = 1000  # sequences among which the example is chosen


def sentence_gates(model: LanguageModel, ids: Sequence[int], before: int) -> list[dict[str, Any]]:
    """Return a row for each layer and gate: its `openness` as the model reads each word of a sentence.

    The openness is the mean over the layer's hidden values, from 0 (closed) to 1 (open). `before` is the id that the
    model reads before the sentence. Layers count from 1; layers of Elman units have no gate.
    """
    inputs = model.embedding(torch.tensor([[before, *ids]], device=model.device))
    return [
        {"layer": layer, "gate": name, "openness": values[0, 1:].mean(1).tolist()}
        for layer, gates in enumerate(stack_gates(model.recurrent, inputs), start=1)
        for name, values in gates.items()
    ]


def example_gates(model: LanguageModel, sequences: Sequences, before: int) -> dict[str, Any]:
    """Return the `words` of an example and the `gates` as the model reads it.

    The example is the sequence of the test split with the fewest unknown words, the first of several, if possible of 8
    to 20 words.
    """
    ids, lengths = sequences.ids_and_lengths("test")
    fitting = ids[(lengths >= SHORTEST) & (lengths <= LONGEST)]
    vocabulary = sequences.vocabulary
    rows = sequences.rows((fitting if len(fitting) else ids[lengths > 0])[:LOOKED_AT].tolist())
    example = min(rows, key=lambda row: np.count_nonzero(row == vocabulary.unknown)).tolist()
    words = [vocabulary.by_id[id] for id in example]
    return {"words": words, "gates": sentence_gates(model, example, before)}
