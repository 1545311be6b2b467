"""A recurrent language model: embedding, recurrent layers, softmax over the vocabulary."""

import math
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytorch_lightning as L
import torch
from torch import Tensor, nn
from torch.func import functional_call

from models import ranks
from models.batch import IGNORED as IGNORED  # other modules import both from here, too
from models.batch import Batch as Batch
from models.losses import Softmax, make_softmax
from models.recurrent.regularisers import Dropout, VariationalDropout, dropped_hidden_weights
from models.recurrent.units import RecurrentStack, State
from models.schedules import Moment, make_schedule

Kind = str | Mapping[str, Any]
STEPS_UNREAD = 100  # losses left on the device, which reading them would wait for


@dataclass
class Tally:
    """Sums over the words of a split. Python's numbers: a float32 sum over millions would lose the small terms."""

    loss: float = 0.0
    correct: int = 0
    words: int = 0


def perplexity(loss: float) -> float:
    """The exponential of a mean cross-entropy in nats; infinite where it is too large for a float."""
    return math.exp(loss) if loss < math.log(sys.float_info.max) else math.inf


class LanguageModel(L.LightningModule):
    """Predicts each word from the words before it (book, chapter 3; Mikolov et al. 2010).

    Logs the mean cross-entropy per word in nats as `train_loss`, `valid_loss` and `test_loss`, and of the
    evaluated splits perplexity (its exponential) and accuracy: the share of words ranked first, the
    book's correct rate. `test_carried_loss` and so on are of the test split read as a stream.

    With `tie_weights` embedding and softmax share one matrix (Press and Wolf 2017), which wants the embedding as
    wide as the last layer. `unit`, `loss`, `schedule` and `optimizer` are a kind alone or a mapping of a `kind` and its
    settings; `dropout` has the fields of `Dropout`. `counts` (V,), of each word id in the training split, are for
    sampled and adaptive losses.
    """

    def __init__(
        self,
        vocabulary_size: int,
        *,
        unit: Kind,
        embedding_size: int,
        hidden_sizes: Sequence[int],
        learning_rate: float,
        optimizer: Kind = "adam",
        schedule: Kind = "constant",
        loss: Kind = "exact",
        weight_decay: float = 0.0,
        dropout: Mapping[str, float] | None = None,
        learn_initial_state: bool = False,
        tie_weights: bool = False,
        path: str = "auto",
        counts: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.recurrent = RecurrentStack(
            unit, embedding_size, hidden_sizes, learn_initial_state=learn_initial_state, path=path
        )
        self.output = make_softmax(hidden_sizes[-1], vocabulary_size, counts, **_spelled_out(loss))
        if tie_weights:
            if not isinstance(self.output, Softmax):
                raise ValueError("tie_weights needs a softmax with one matrix, so no adaptive one")
            # The softmax's scale: the embedding's unit variance would make the first logits far too large.
            self.embedding.weight = self.output.weight
        shares = Dropout(**(dropout or {}))
        self.embedding_dropout, self.layer_dropout, self.output_dropout = map(VariationalDropout, shares[:3])
        self.weight_dropout = shares.weights
        self.optimizer_settings = _spelled_out(optimizer)
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.schedule = make_schedule(**_spelled_out(schedule))
        self._tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self._unread: list[tuple[Tensor, Tensor]] = []  # of the last steps, the mean loss and the words
        self._valid_losses: list[float] = []
        self._carried: State = []

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The hidden values behind each input word, and the state behind the last.

        (batch, time) int64 to (batch, time, hidden size); without a `state` the rows start anew.
        """
        embedded = self.embedding_dropout(self.embedding(inputs))
        weights: dict[str, Tensor] = {}
        if self.training and self.weight_dropout:
            weights = dropped_hidden_weights(self.recurrent, self.weight_dropout)
        hidden, after = functional_call(self.recurrent, weights, (embedded, state), {"between": self.layer_dropout})
        return self.output_dropout(hidden), after

    def contexts(self, batch: Batch) -> Tensor:
        """The hidden values that each of a batch's targets is predicted from: (batch, time, hidden size).

        Of a stream, takes up the state of the batch before and keeps that of this one.
        """
        hidden: Tensor
        if batch.fresh is None:
            hidden, _ = self(batch.inputs)
        else:
            hidden, after = self(batch.inputs, self._taken_up(batch.fresh))
            self._carried = [tuple(part.detach() for part in layer) for layer in after]
        return hidden

    def _taken_up(self, fresh: Tensor) -> State | None:
        """The carried state, with the initial one in rows that are fresh."""
        if not self._carried:  # and no look at `fresh`, which a GPU would wait for
            return None
        initial = self.recurrent.initial_state(len(fresh))
        return [
            tuple(torch.where(fresh[:, None], new, old.to(new)) for new, old in zip(*layers, strict=True))
            for layers in zip(initial, self._carried, strict=True)
        ]

    def loss(self, batch: Batch) -> Tensor:
        """The mean cross-entropy per word in nats that training lowers."""
        loss: Tensor = self.output.loss(self.contexts(batch), batch.targets)
        return loss

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        steps = int(self.trainer.num_training_batches) * (self.trainer.max_epochs or 1)
        now = Moment(self.global_step, steps, self.current_epoch, self._valid_losses)
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = self.learning_rate * self.schedule(now)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        words, loss = (batch.targets != IGNORED).sum(), self.loss(batch)
        self._unread.append((loss.detach(), words))
        if len(self._unread) >= STEPS_UNREAD:
            self._read_losses()
        if ranks.together():
            # Gradients are averaged over the processes; words count alike only if each loss weighs by its own.
            loss = loss * (words / ranks.summed(words.float())) * self.trainer.world_size
        return loss

    def _read_losses(self) -> None:
        if not self._unread:
            return
        tally = self._tallies["train"]
        each_loss, each_words = (torch.stack(values).tolist() for values in zip(*self._unread, strict=True))
        for loss, words in zip(each_loss, each_words, strict=True):
            tally.loss += loss * words
            tally.words += words
        self._unread = []

    def on_train_epoch_end(self) -> None:
        self._read_losses()
        total = self._total("train")
        self.log("train_loss", total.loss / total.words)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        self._tally("valid", batch)

    def on_validation_epoch_end(self) -> None:
        self._valid_losses.append(self._log_figures("valid"))

    def test_step(self, batch: Batch, batch_idx: int, dataloader_idx: int = 0) -> None:
        self._tally("test_carried" if dataloader_idx else "test", batch)

    def on_test_epoch_end(self) -> None:
        for split in list(self._tallies):
            self._log_figures(split)

    def _tally(self, split: str, batch: Batch) -> None:
        score = self.output.score(self.contexts(batch), batch.targets)
        tally = self._tallies[split]
        tally.loss += score.loss.item()
        tally.correct += int(score.correct)
        tally.words += int(score.words)

    def _log_figures(self, split: str) -> float:
        total = self._total(split)
        loss = total.loss / total.words
        self.log(f"{split}_loss", loss)
        self.log(f"{split}_perplexity", perplexity(loss))
        self.log(f"{split}_accuracy", total.correct / total.words)
        return loss

    def _total(self, split: str) -> Tally:
        """The tally of a split over all processes, which then starts anew."""
        tallies = ranks.from_all(self._tallies.pop(split))
        return Tally(sum(t.loss for t in tallies), sum(t.correct for t in tallies), sum(t.words for t in tallies))

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds what a run in the middle of an epoch holds beside its weights, each process its own."""
        self._read_losses()
        tally = self._tallies["train"]
        carried = [tuple(part.cpu() for part in layer) for layer in self._carried]
        checkpoint["held"] = ranks.from_all({"loss": tally.loss, "words": tally.words, "carried": carried})
        checkpoint["valid_losses"] = self._valid_losses

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        held = ranks.own(checkpoint["held"])
        self._tallies["train"] = Tally(loss=held["loss"], words=held["words"])
        self._carried, self._valid_losses = held["carried"], checkpoint["valid_losses"]

    def configure_optimizers(self) -> torch.optim.Optimizer:
        settings = dict(self.optimizer_settings)
        kind = settings.pop("kind")
        settings |= {"lr": self.learning_rate, "weight_decay": self.weight_decay}
        if kind == "adam":  # AdamW is Adam where nothing decays (Loshchilov and Hutter 2019)
            return torch.optim.AdamW(self.parameters(), fused=True, **settings)
        return torch.optim.SGD(self.parameters(), **settings)


def _spelled_out(kind: Kind) -> dict[str, Any]:
    """A kind with its settings, where it may stand alone."""
    return {"kind": kind} if isinstance(kind, str) else dict(kind)
