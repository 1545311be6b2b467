"""A classifier of sequences by the last step of a recurrent layer, and its training."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.recurrent.regularisers import VariationalDropout
from models.recurrent.units import RecurrentStack

UNKNOWN = 0  # the id of tokens that training lacks; padding may have any id


class SequenceClassifier(nn.Module):
    """Embedding, recurrent layers, and a softmax over the classes from the last step (book, chapter 4).

    Training drops the shares in `dropout`: of `tokens`, which become UNKNOWN; of `embedding` values, the same ones at
    every step; of `output` values, those of the last step.
    """

    def __init__(
        self,
        tokens: int,
        classes: int,
        *,
        unit: str,
        embedding_size: int,
        hidden_sizes: Sequence[int],
        dropout: Mapping[str, float],
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, embedding_size)
        self.stack = RecurrentStack(unit, embedding_size, hidden_sizes)
        self.output = nn.Linear(hidden_sizes[-1], classes)
        self.drop_tokens = dropout["tokens"]
        self.drop_embedding = VariationalDropout(dropout["embedding"])
        self.drop_output = nn.Dropout(dropout["output"])

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
        training = self.training
        self.eval()
        logits: Tensor = self(ids, lengths)
        self.train(training)
        return logits.softmax(1)


def train_classifier(
    model: SequenceClassifier,
    ids: Tensor,
    lengths: Tensor,
    classes: Tensor,
    *,
    epochs: int,
    batch: int,
    learning_rate: float,
    decay: float,
    weight_decay: float,
) -> None:
    """Train on the sequences `ids` (n, time), `lengths` (n,) of these `classes` (n,), all int64, by AdamW.

    After each epoch the learning rate is multiplied by `decay`, as in the book. The order and the dropout are drawn
    from torch's own generator.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=True)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, decay)
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(ids)).split(batch):
            time = int(lengths[rows].max())
            loss = F.cross_entropy(model(ids[rows, :time], lengths[rows]), classes[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
