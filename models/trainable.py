"""A language model that Lightning trains: its loss, optimizer, schedule and average, and what it logs."""

import math
import sys
from typing import Any

import pytorch_lightning as L
import torch
from torch import Tensor

from models.averages import Average
from models.batch import IGNORED, Batch
from models.language_model import RecurrentLanguageModel
from models.optimizers import make_optimizer
from models.recurrent.regularisers import mean_square
from models.recurrent.units import Kind, spelled_out
from models.schedules import SCHEDULES
from models.tally import Tally


def exp_loss(loss: float) -> float:
    """Return the exponential of a mean cross-entropy in nats; infinite if it is too large for a float."""
    return math.exp(loss) if loss < math.log(sys.float_info.max) else math.inf


class TrainableLanguageModel(RecurrentLanguageModel, L.LightningModule):
    """A `RecurrentLanguageModel` that Lightning trains; `network` has the arguments of `RecurrentLanguageModel`.

    Logs the mean cross-entropy per word in nats as `train_loss` and `valid_loss`, its exponential, the perplexity
    (`train_perplexity` only of a loss over all words), and `valid_accuracy`: the share of words ranked first, the
    book's correct rate.

    `optimizer` is a kind alone or a mapping with a `kind` and its settings. `activation_penalty` weighs the mean square
    of the hidden values after dropout in the loss.
    """

    def __init__(
        self,
        vocabulary_size: int,
        *,
        learning_rate: float,
        optimizer: Kind = "adam",
        schedule: str = "constant",
        average_decay: float = 0.0,
        weight_decay: float = 0.0,
        activation_penalty: float = 0.0,
        **network: Any,
    ) -> None:
        super().__init__(vocabulary_size, **network)
        self.optimizer_settings, self.activation_penalty = spelled_out(optimizer), activation_penalty
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.schedule, self.average = SCHEDULES[schedule], Average(average_decay)
        self._train, self._valid = Tally(), Tally()

    def losses(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the mean cross-entropy per word in nats, and what training minimizes: the same with the penalty."""
        hidden = self.contexts(batch)
        dropped = self.output_dropout(hidden)
        loss, minimized = self.cross_entropy(dropped, batch)
        if not self.activation_penalty:
            return loss, minimized
        counts = batch.targets != IGNORED if batch.fresh is None else None  # a stream has next to no padding
        return loss, minimized + self.activation_penalty * mean_square(dropped, counts)

    def loss(self, batch: Batch) -> Tensor:
        """Return what training minimizes."""
        return self.losses(batch)[1]

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        steps = int(self.trainer.num_training_batches) * (self.trainer.max_epochs or 1)
        factor = self.schedule(self.global_step, steps, self.current_epoch)
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = self.learning_rate * factor

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        words = (batch.targets != IGNORED).sum()
        loss, minimized = self.losses(batch)
        self._train.add(loss.detach() * words, torch.zeros_like(words), words)
        return minimized

    def on_train_epoch_end(self) -> None:
        loss, _ = self._train.take()
        self.log("train_loss", loss)
        if self.output.is_whole:
            self.log("train_perplexity", exp_loss(loss))

    def on_validation_start(self) -> None:
        self.average.swap(self.parameters())

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        score = self.score(self.contexts(batch), batch)
        self._valid.add(score.loss.sum(), score.right.sum(), score.counts.sum())

    def on_validation_epoch_end(self) -> None:
        loss, accuracy = self._valid.take()
        for name, value in {"loss": loss, "perplexity": exp_loss(loss), "accuracy": accuracy}.items():
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
        """Add the state of an unfinished epoch to the weights."""
        carried = [tuple(part.cpu() for part in layer) for layer in self._carried]
        checkpoint["held"] = {"train": self._train.read(), "carried": carried}
        checkpoint["average"] = self.average.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._train.sums, self._carried = checkpoint["held"]["train"], checkpoint["held"]["carried"]
        self.average.load_state(checkpoint["average"])

    def optimizer_step(self, *arguments: Any, **settings: Any) -> None:
        """Take a step, and add its weights to the average."""
        super().optimizer_step(*arguments, **settings)
        self.average.update(self.parameters())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        spared = {self.embedding.weight, *(w for name, w in self.named_parameters() if name.endswith("initial"))}
        return make_optimizer(
            self, spared, learning_rate=self.learning_rate, weight_decay=self.weight_decay, **self.optimizer_settings
        )
