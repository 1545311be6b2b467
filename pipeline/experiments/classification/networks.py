"""The recurrent classifier: networks that differ by their seeds alone, whose probabilities are averaged."""

import numpy as np
import torch
from torch import Tensor

from pipeline.experiments.classification.classifiers import Texts, TokenIds
from pipeline.experiments.classification.sequence_classifier import SequenceClassifier, train_classifier
from pipeline.experiments.classification.settings import Recurrent

SEEDS = 2**32


class Networks:
    """`params.networks` networks, trained on the lines `texts` with `labels` (n,) from 0 to `poets` - 1.

    A seed repeats exactly. torch's own generator is left unchanged.
    """

    def __init__(self, texts: Texts, labels: np.ndarray, poets: int, params: Recurrent, seed: int) -> None:
        self._token_ids = TokenIds(texts)
        self._networks = []
        ids, lengths = self._pad(texts)
        for draw in np.random.default_rng(seed).integers(SEEDS, size=params.networks):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(int(draw))
                network = SequenceClassifier(
                    len(self._token_ids),
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
            self._networks.append(network)

    def probabilities(self, texts: Texts) -> np.ndarray:
        """Return each network's probabilities, (networks, lines, poets)."""
        ids, lengths = self._pad(texts)
        return np.stack([network.probabilities(ids, lengths).numpy() for network in self._networks])

    def _pad(self, texts: Texts) -> tuple[Tensor, Tensor]:
        """Return ids (lines, time) and lengths (lines,)."""
        rows = [torch.tensor(ids) for ids in self._token_ids.encode(texts)]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([len(row) for row in rows])
