"""A recurrent language model: embedding, recurrent layers, softmax over the vocabulary."""

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytorch_lightning as L
import torch
from torch import Tensor, nn
from torch.func import functional_call

from models import ranks
from models.averages import Average
from models.batch import IGNORED, Batch
from models.losses import SampledSoftmax, make_softmax
from models.optimizers import make_optimizer
from models.recurrent.regularisers import (
    Dropout,
    VariationalDropout,
    activation_penalty,
    dropped_hidden_weights,
    kept_words,
)
from models.recurrent.units import Kind, RecurrentStack, State, spelled_out
from models.schedules import Moment, make_schedule
from models.tally import Tally

SCALE = 0.1  # of the values of initial vectors: with unit variance they stay nearer to chance


def perplexity(loss: float) -> float:
    """Return the exponential of a mean cross-entropy in nats; infinite if it is too large for a float."""
    return math.exp(loss) if loss < math.log(sys.float_info.max) else math.inf


class LanguageModel(L.LightningModule):
    """Predicts each word from the words before it (book, chapter 3; Mikolov et al. 2010).

    Logs the mean cross-entropy per word in nats as `train_loss` and `valid_loss`, its exponential, the perplexity
    (`train_perplexity` only of a loss over all words), and `valid_accuracy`: the share of words ranked first, the
    book's correct rate.

    With `tie_weights` embedding and softmax share one matrix (Press and Wolf 2017), so the embedding must be as wide
    as the last layer. `unit`, `loss`, `schedule`, `optimizer` and `average` are a kind alone or a mapping with a `kind`
    and its settings; `dropout` has the fields of `Dropout`, `penalties` the arguments of `activation_penalty`.
    `bfloat16` multiplies in that precision where the hardware supports it. Sampled and adaptive losses need `counts`
    (V,), the number of times that each word id is a target in the training split.
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
        average: Kind = "none",
        loss: Kind = "exact",
        weight_decay: float = 0.0,
        dropout: Mapping[str, float] | None = None,
        penalties: Mapping[str, float] | None = None,
        learn_initial_state: bool = False,
        tie_weights: bool = False,
        bfloat16: bool = False,
        counts: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.recurrent = RecurrentStack(
            unit, embedding_size, hidden_sizes, learn_initial_state=learn_initial_state, bfloat16=bfloat16
        )
        self.output = make_softmax(hidden_sizes[-1], vocabulary_size, counts, bfloat16=bfloat16, **spelled_out(loss))
        if tie_weights:
            # The softmax's scale: the embedding's unit variance would make the first logits far too large.
            self.embedding.weight = self.output.weight
        self.dropout, self.penalties = Dropout(**(dropout or {})), dict(penalties or {})
        places = self.dropout.embedding, self.dropout.layers, self.dropout.output
        self.embedding_dropout, self.layer_dropout, self.output_dropout = map(VariationalDropout, places)
        self.optimizer_settings = spelled_out(optimizer)
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.schedule = make_schedule(**spelled_out(schedule))
        self.average = Average(**spelled_out(average))
        self._train, self._valid = Tally(), Tally()
        self._valid_losses: list[float] = []
        self._carried: State = []

    @torch.no_grad()
    def start_from(self, inputs: Tensor, outputs: Tensor) -> None:
        """Let word vectors start from these, (V, dimensions), scaled to one length; rows of zeros stay random.

        Surplus columns are left out, and missing columns are zero. If embedding and softmax share a matrix, it starts
        from `inputs`.
        """
        softmax = self.get_parameter("output.weight")
        pairs = [(self.embedding.weight, inputs)] + [(softmax, outputs)] * (softmax is not self.embedding.weight)
        for weight, given in pairs:
            size = weight.shape[1]
            vectors = nn.functional.normalize(given[:, :size]) * SCALE * size**0.5
            vectors = nn.functional.pad(vectors, (0, size - vectors.shape[1]))
            weight.copy_(torch.where(vectors.any(1, keepdim=True), vectors, weight))

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return the hidden values after each input word, and the state after the last.

        (batch, time) int64 to (batch, time, hidden size); without a `state` the rows start anew.
        """
        embedded = self.embedding(inputs)
        weights: dict[str, Tensor] = {}
        if self.training:
            if self.dropout.words:
                embedded = embedded * kept_words(self.embedding.weight, self.dropout.words)[inputs]
            if self.dropout.weights:
                weights = dropped_hidden_weights(self.recurrent, self.dropout.weights)
        embedded = self.embedding_dropout(embedded)
        hidden, after = functional_call(self.recurrent, weights, (embedded, state), {"between": self.layer_dropout})
        return hidden, after

    def contexts(self, batch: Batch) -> Tensor:
        """Return the hidden values that predict each target of a batch: (batch, time, hidden size).

        In a stream, continues from the state of the previous batch and keeps the state of this one.
        """
        hidden: Tensor
        if batch.fresh is None:
            hidden, _ = self(batch.inputs)
        else:
            hidden, after = self(batch.inputs, self._taken_up(batch.fresh))
            self._carried = [tuple(part.detach() for part in layer) for layer in after]
        return hidden

    def _taken_up(self, fresh: Tensor) -> State | None:
        """Return the carried state, with the initial state in fresh rows."""
        # Reading `fresh` would make a GPU wait. A stream with another number of rows starts anew.
        if not self._carried or len(self._carried[0][0]) != len(fresh):
            return None
        initial = self.recurrent.initial_state(len(fresh))
        return [
            tuple(torch.where(fresh[:, None], new, old.to(new)) for new, old in zip(*layers, strict=True))
            for layers in zip(initial, self._carried, strict=True)
        ]

    def losses(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Return the mean cross-entropy per word in nats, and the penalties that training adds to it, if any."""
        hidden = self.contexts(batch)
        dropped = self.output_dropout(hidden)
        loss: Tensor = self.output.loss(dropped, batch.targets)
        return loss, activation_penalty(hidden, dropped, **self.penalties) if any(self.penalties.values()) else None

    def loss(self, batch: Batch) -> Tensor:
        """Return what training minimizes: the mean cross-entropy per word in nats, with the penalties."""
        loss, penalty = self.losses(batch)
        return loss if penalty is None else loss + penalty

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        each = math.ceil(int(self.trainer.num_training_batches) / self.trainer.accumulate_grad_batches)
        now = Moment(self.global_step, each * (self.trainer.max_epochs or 1), self.current_epoch, self._valid_losses)
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = self.learning_rate * self.schedule(now) * batch.scale

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        words = (batch.targets != IGNORED).sum()
        loss, penalty = self.losses(batch)
        self._train.add(loss.detach() * words, torch.zeros_like(words), words)
        if penalty is not None:
            loss = loss + penalty
        if ranks.together():
            # Gradients are averaged over the processes, so each process weighs its loss by its number of words.
            loss = loss * (words / ranks.summed(words.float())) * self.trainer.world_size
        return loss

    def on_train_epoch_end(self) -> None:
        loss, _ = self._train.take()
        self.log("train_loss", loss)
        if not isinstance(self.output, SampledSoftmax):
            self.log("train_perplexity", perplexity(loss))

    def on_validation_start(self) -> None:
        self.average.swap(self.parameters())

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        score = self.output.score(self.contexts(batch), batch.targets)
        self._valid.add(score.loss.sum(), score.right.sum(), score.counts.sum())

    def on_validation_epoch_end(self) -> None:
        loss, accuracy = self._valid.take()
        self._valid_losses.append(loss)
        for name, value in {"loss": loss, "perplexity": perplexity(loss), "accuracy": accuracy}.items():
            self.log(f"valid_{name}", value)

    def on_validation_end(self) -> None:
        self.average.swap(self.parameters())

    def evaluated_weights(self) -> dict[str, Tensor]:
        """Return a copy of the weights that validation measures: the averages, if there are any."""
        self.average.swap(self.parameters())
        weights = {name: weight.cpu().clone() for name, weight in self.state_dict().items()}
        self.average.swap(self.parameters())
        return weights

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the state of an unfinished epoch to the weights; each process has its own."""
        carried = [tuple(part.cpu() for part in layer) for layer in self._carried]
        checkpoint["held"] = {"train": self._train.state(), "carried": ranks.from_all(carried)}
        checkpoint["average"], checkpoint["valid_losses"] = self.average.state(), self._valid_losses

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._train.load_state(checkpoint["held"]["train"])
        self._carried, self._valid_losses = ranks.own(checkpoint["held"]["carried"]), checkpoint["valid_losses"]
        self.average.load_state(checkpoint["average"])

    def optimizer_step(self, *arguments: Any, **settings: Any) -> None:
        """Take a step, and add its weights to the average."""
        super().optimizer_step(*arguments, **settings)
        self.average.update(self.parameters(), self._valid_losses)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        spared = {self.embedding.weight, *(w for name, w in self.named_parameters() if name.endswith("initial"))}
        return make_optimizer(
            self,
            spared,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            settings=self.optimizer_settings,
        )
