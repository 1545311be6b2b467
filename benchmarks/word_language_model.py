"""The network of pytorch/examples' word_language_model, for `python -m benchmarks.language_models`.

`WORD_LANGUAGE_MODEL` names the folder of its checkout, whose `model.py` is used.
"""

import os
import runpy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.batch import IGNORED, Batch
from models.language_model import RecurrentLanguageModel
from models.recurrent.devices import multiplies_bfloat16
from models.softmax import Score, Softmax
from pipeline.settings.model_sections import LanguageModelEntry


class Peer(RecurrentLanguageModel):
    """Its tied LSTM, which is trained and tested on the batches of our models; products are in bfloat16 by autocast."""

    def __init__(self, settings: LanguageModelEntry, words: int) -> None:
        nn.Module.__init__(self)  # the layers are the peer's
        make = runpy.run_path(f"{os.environ['WORD_LANGUAGE_MODEL']}/model.py")["RNNModel"]
        size, dropout = settings.hidden_sizes[0], settings.dropout.embedding
        self.model = make("LSTM", words, size, size, len(settings.hidden_sizes), dropout, True)
        self.embedding, self.output = self.model.encoder, LogProbabilities(self.model.decoder.weight)
        self.state = self.model.init_hidden(0)

    def contexts(self, batch: Batch) -> Tensor:
        """Return the log probabilities of all words at each place: (batch, time, V)."""
        found: Tensor
        rows, steps = batch.inputs.shape
        state = self.state if self.state[0].shape[1] == rows else self.model.init_hidden(rows)
        if batch.fresh is not None:
            state = tuple(part * ~batch.fresh[:, None] for part in state)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and multiplies_bfloat16(self.device)):
            found, state = self.model(batch.inputs.t(), state)
        self.state = tuple(part.detach() for part in state)
        return found.view(steps, rows, -1).transpose(0, 1)

    def loss(self, batch: Batch) -> Tensor:
        """Return the mean cross-entropy in nats."""
        found = self.contexts(batch).transpose(0, 1).flatten(0, 1)
        return F.nll_loss(found, batch.targets.t().flatten(), ignore_index=IGNORED)


class LogProbabilities(Softmax):
    """Scores log probabilities, which the peer's network returns; `weight` is the matrix of its softmax."""

    def __init__(self, weight: nn.Parameter) -> None:
        nn.Module.__init__(self)
        self.gate = None
        self.weight = weight

    def score(self, hidden: Tensor, targets: Tensor) -> Score:
        """Return how well the log probabilities `hidden` (..., V) predict the targets (...)."""
        found, targets = hidden.flatten(0, -2), targets.flatten()
        losses = F.nll_loss(found, targets, ignore_index=IGNORED, reduction="none")
        return Score(losses, found.argmax(1) == targets, targets != IGNORED)
