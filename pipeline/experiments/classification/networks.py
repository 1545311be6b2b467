"""The recurrent classifier: networks that differ by their seeds alone, whose probabilities are averaged."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.recurrent.regularisers import VariationalDropout
from models.recurrent.units import RecurrentStack
from pipeline.experiments.classification.classifiers import Texts, TokenIds
from pipeline.experiments.classification.settings import Recurrent

UNKNOWN = 0  # the id of tokens that training lacks; padding may have any id


class SequenceClassifier(nn.Module):
    """Embedding, recurrent layers, and a softmax over the classes from the last step (book, chapter 4).

    Training drops the shares in `params.dropout`: of `tokens`, which become UNKNOWN; of `embedding` values, the same
    ones at every step; of `output` values, those of the last step.
    """

    def __init__(self, tokens: int, classes: int, params: Recurrent) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, params.embedding_size)
        self.stack = RecurrentStack(params.unit, params.embedding_size, params.hidden_sizes)
        self.output = nn.Linear(params.hidden_sizes[-1], classes)
        self.drop_tokens = params.dropout.tokens
        self.drop_embedding = VariationalDropout(params.dropout.embedding)
        self.drop_output = nn.Dropout(params.dropout.output)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return logits (batch, classes) from ids (batch, time) and lengths (batch,), at least 1, both int64."""
        if self.training and self.drop_tokens:
            ids = ids.masked_fill(torch.rand(ids.shape, device=ids.device) < self.drop_tokens, UNKNOWN)
        _, ends = self.stack(self.drop_embedding(self.embedding(ids)), lengths=lengths)
        logits: Tensor = self.output(self.drop_output(ends[-1][0]))
        return logits

    @torch.no_grad()
    def probabilities(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return the probability of each class, (batch, classes), without dropout."""
        self.eval()
        logits: Tensor = self(ids, lengths)
        return logits.softmax(1)


def train_classifier(
    model: SequenceClassifier, ids: Tensor, lengths: Tensor, classes: Tensor, params: Recurrent
) -> None:
    """Train on the sequences `ids` (n, time), `lengths` (n,) of these `classes` (n,), all int64, by AdamW.

    After each epoch the learning rate is multiplied by `params.decay`, as in the book. The order and the dropout are
    drawn from torch's own generator.
    """
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=params.learning_rate, weight_decay=params.weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, params.decay)
    model.train()
    for _ in range(params.epochs):
        for rows in torch.randperm(len(ids)).split(params.batch_lines):
            time = int(lengths[rows].max())
            loss = F.cross_entropy(model(ids[rows, :time], lengths[rows]), classes[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()


def train_networks(
    texts: Texts, labels: np.ndarray, poets: int, params: Recurrent, seed: int
) -> Callable[[Texts], np.ndarray]:
    """Train networks on lines with `labels` (n,) from 0 to `poets` - 1; return a function of lines.

    It returns each network's probabilities, (networks, lines, poets). A seed repeats exactly. torch's own generator is
    left unchanged.
    """
    token_ids, networks = TokenIds(texts), []
    ids, lengths = _pad(token_ids.encode(texts))
    for draw in np.random.default_rng(seed).integers(2**32, size=params.networks):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(draw))
            network = SequenceClassifier(len(token_ids), poets, params)
            train_classifier(network, ids, lengths, torch.from_numpy(labels), params)
        networks.append(network)

    def probabilities(texts: Texts) -> np.ndarray:
        ids, lengths = _pad(token_ids.encode(texts))
        return np.stack([network.probabilities(ids, lengths).numpy() for network in networks])

    return probabilities


def _pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return ids (lines, time) and lengths (lines,)."""
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    return ids, torch.tensor([len(row) for row in rows])
