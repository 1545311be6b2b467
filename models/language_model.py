"""A recurrent language model: embedding, recurrent layers, softmax over the vocabulary."""

import math
import sys
from collections.abc import Sequence
from typing import NamedTuple

import pytorch_lightning as L
import torch
from torch import Tensor, nn

from models.losses import IGNORED as IGNORED
from models.losses import Softmax
from models.units import RecurrentStack


class Batch(NamedTuple):
    """Word ids, each (batch, time) int64. `targets[:, t]` follows `inputs[:, t]`, or is `IGNORED`.

    Padding stands behind a sequence, where no earlier output sees it, so inputs need no mask.
    """

    inputs: Tensor
    targets: Tensor


def perplexity(loss: float) -> float:
    """The exponential of a mean cross-entropy in nats; infinite where it is too large for a float."""
    return math.exp(loss) if loss < math.log(sys.float_info.max) else math.inf


class LanguageModel(L.LightningModule):
    """Predicts each word from the words before it (book, chapter 3; Mikolov et al. 2010).

    Logs the mean cross-entropy per word in nats as `train_loss`, `valid_loss` and `test_loss`,
    perplexity (its exponential) likewise, and accuracy: the share of words ranked first, the book's
    correct rate.
    """

    def __init__(
        self,
        vocabulary_size: int,
        *,
        unit: str,
        embedding_size: int,
        hidden_sizes: Sequence[int],
        optimizer: str,
        learning_rate: float,
        momentum: float = 0.0,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.recurrent = RecurrentStack(unit, embedding_size, hidden_sizes)
        self.output = Softmax(hidden_sizes[-1], vocabulary_size)
        self.optimizer_name, self.learning_rate, self.momentum = optimizer, learning_rate, momentum
        self._reset_tally()

    def forward(self, inputs: Tensor) -> Tensor:
        """The hidden values behind each input word: (batch, time) int64 to (batch, time, hidden size)."""
        hidden: Tensor
        hidden, _ = self.recurrent(self.embedding(inputs))
        return hidden

    def logits_and_targets(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """For the n targets to be predicted: unnormalised log-probabilities (n, vocabulary) and ids (n,)."""
        predicted = batch.targets != IGNORED
        logits: Tensor = self.output(self(batch.inputs)[predicted])
        return logits, batch.targets[predicted]

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        loss = self.output.loss(self(batch.inputs), batch.targets)
        words = int((batch.targets != IGNORED).sum())
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=words)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        self._tally(batch)

    def on_validation_epoch_end(self) -> None:
        self._log_tally("valid")

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        self._tally(batch)

    def on_test_epoch_end(self) -> None:
        self._log_tally("test")

    def _tally(self, batch: Batch) -> None:
        loss, correct, words = self.output.score(self(batch.inputs), batch.targets)
        self._loss += loss.item()
        self._correct += int(correct)
        self._words += int(words)

    def _log_tally(self, split: str) -> None:
        loss = self._loss / self._words
        self.log(f"{split}_loss", loss)
        self.log(f"{split}_perplexity", perplexity(loss))
        self.log(f"{split}_accuracy", self._correct / self._words)
        self._reset_tally()

    def _reset_tally(self) -> None:
        self._loss, self._correct, self._words = 0.0, 0, 0

    def configure_optimizers(self) -> torch.optim.Optimizer:
        if self.optimizer_name == "adam":
            return torch.optim.Adam(self.parameters(), lr=self.learning_rate)
        return torch.optim.SGD(self.parameters(), lr=self.learning_rate, momentum=self.momentum)
