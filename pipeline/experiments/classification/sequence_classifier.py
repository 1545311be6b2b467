"""Which class a sequence is of, told from a recurrent layer's last step."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.recurrent.regularisers import VariationalDropout
from models.recurrent.units import RecurrentStack

UNKNOWN = 0  # the id of what was never trained on; padding may have any


class SequenceClassifier(nn.Module):
    """Embedding, recurrent layers, and a softmax over the classes from what they hold after a sequence's last step.

    That is the book's chapter 4. In training, shares of what passes are dropped (`dropout`): of `tokens`, which become
    UNKNOWN, of the `embedding`'s values, the same ones at every step, and of the `output`'s, what the last step gives.
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
        """Ids (batch, time) and lengths (batch,) from 1, int64, to logits (batch, classes)."""
        if self.training and self.drop_tokens:
            ids = ids.masked_fill(torch.rand(ids.shape, device=ids.device) < self.drop_tokens, UNKNOWN)
        _, ends = self.stack(self.drop_embedding(self.embedding(ids)), lengths=lengths)
        logits: Tensor = self.output(self.drop_output(ends[-1][0]))
        return logits

    @torch.no_grad()
    def probabilities(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Of each class, (batch, classes), with nothing dropped."""
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

    After each epoch the learning rate is multiplied by `decay`, as in the book. What is drawn by chance, the order
    and what is dropped, comes from torch's own generator.
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
