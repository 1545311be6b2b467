"""The recurrent classifier: networks that differ by their seeds alone, whose probabilities are averaged."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from pipeline.experiments.classification.classifiers import Texts, TokenIds
from pipeline.experiments.classification.sequence_classifier import SequenceClassifier, train_classifier
from pipeline.experiments.classification.settings import Recurrent

SEEDS = 2**32


def train_networks(
    texts: Texts, labels: np.ndarray, poets: int, params: Recurrent, seed: int
) -> Callable[[Texts], np.ndarray]:
    """Train networks on lines with `labels` (n,) from 0 to `poets` - 1; return what gives each one's probabilities.

    These are (networks, lines, poets). A seed repeats exactly. torch's own generator is left unchanged.
    """
    token_ids, networks = TokenIds(texts), []
    ids, lengths = _pad(token_ids.encode(texts))
    for draw in np.random.default_rng(seed).integers(SEEDS, size=params.networks):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(draw))
            network = SequenceClassifier(
                len(token_ids),
                poets,
                unit=params.unit,
                embedding_size=params.embedding_size,
                hidden_sizes=params.hidden_sizes,
                dropout=params.dropout.model_dump(),
            )
            train_classifier(
                network,
                ids,
                lengths,
                torch.from_numpy(labels),
                epochs=params.epochs,
                batch=params.batch_lines,
                learning_rate=params.learning_rate,
                decay=params.decay,
                weight_decay=params.weight_decay,
            )
        networks.append(network)

    def probabilities(texts: Texts) -> np.ndarray:
        ids, lengths = _pad(token_ids.encode(texts))
        return np.stack([network.probabilities(ids, lengths).numpy() for network in networks])

    return probabilities


def _pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return ids (lines, time) and lengths (lines,)."""
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    return ids, torch.tensor([len(row) for row in rows])
