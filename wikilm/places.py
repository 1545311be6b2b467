"""What a model makes of each place of a text."""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.records.models import ModelRecord
from pipeline.store.vocabulary import END
from wikilm.cutting import SplitText
from wikilm.run_folder import RunFolder
from wikilm.scoring import as_test_split, draws_of

if TYPE_CHECKING:
    from torch import Tensor

    from models.gate import Parts
    from models.language_model import RecurrentLanguageModel
    from pipeline.store.vocabulary import Vocabulary


class Places(NamedTuple):
    """Figures of each place, (places,): of the whole model and, if it has a gate, of its parts.

    `bits` and `ends` are (1 or 3, places): the surprisal, and -log2 of the chance that a word ends there. `entropy` is
    in bits, `rank` counts from 1 on, and `gate` is the weight of the n-grams, if any.
    """

    bits: np.ndarray
    ends: np.ndarray
    entropy: np.ndarray
    rank: np.ndarray
    gate: np.ndarray


def read_places(run: RunFolder, record: ModelRecord, network: "RecurrentLanguageModel", split: SplitText) -> Places:
    """Return the figures of each place of a text: each of its ids, and the END of each sentence."""
    import torch

    from models.batch import IGNORED
    from models.recurrent.devices import block_size
    from pipeline.scores.model_scores import read_batches

    ending, count = ends_words(run.vocabulary).to(network.device), len(split.ids) + len(split.lengths)
    many = 3 if network.gate else 1
    found = Places(np.empty((many, count)), np.empty((many, count)), *np.empty((3, count)))
    exact = as_test_split(run, record, network, split, end_fraction=1.0)
    with exact as data, network.in_float32(), torch.no_grad():
        for read in read_batches("score", network, data, draws_of(record, data, split)):
            counts, contexts = read.batch.targets != IGNORED, read.batch.ngram_contexts
            hidden, targets = read.hidden[counts], read.batch.targets[counts]
            for some in torch.arange(len(hidden)).split(block_size(len(hidden), len(ending), hidden.device)):
                parts = network.parts(hidden[some], None if contexts is None else contexts[counts][some])
                fill(found, read.places[some.numpy()], parts, targets[some], ending)
    return found


def fill(found: Places, places: np.ndarray, parts: "Parts", targets: "Tensor", ending: "Tensor") -> None:
    """Fill in the figures of some places by the log-probabilities there, given the targets and what ends a word."""
    import torch

    own = targets[:, None]
    for part, logs in enumerate(each for each in parts[:3] if each is not None):
        chances = logs.exp()
        found.bits[part, places] = bits_of(logs.gather(1, own)[:, 0])
        found.ends[part, places] = bits_of((chances @ ending.to(chances.dtype)).log())
        if part == 0:
            found.entropy[places] = torch.special.entr(chances).sum(1).cpu().numpy() / math.log(2)
    found.rank[places] = ((parts.whole > parts.whole.gather(1, own)).sum(1) + 1).cpu().numpy()
    found.gate[places] = np.nan if parts.gate is None else parts.gate.cpu().numpy()


def bits_of(logs: "Tensor") -> np.ndarray:
    """Return log-probabilities as surprisals in bits."""
    found: np.ndarray = -logs.cpu().numpy() / math.log(2)
    return found


def ends_words(vocabulary: "Vocabulary") -> "Tensor":
    """Return which ids may follow a word, (V,) of bool: END, and pieces that begin with a blank."""
    import torch

    pieces = () if vocabulary.of_tokens else range(len(vocabulary))
    found = torch.zeros(len(vocabulary), dtype=torch.bool)
    found[[END, *(id for id in pieces if vocabulary.spelled(id).startswith(" "))]] = True
    return found
