"""The recurrent classifier: language models of each poet's tags, and Bayes' rule.

A network that models the tags of a line given its poet learns more from a few hundred lines than one that models the
poet given the tags (Ng and Jordan 2002; Yogatama et al. 2017, "Generative and Discriminative Text Classification with
Recurrent Neural Networks"). Networks that differ by their seeds alone are averaged.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from models.recurrent.layers import RecurrentStack
from models.recurrent.regularisers import VariationalDropout
from pipeline.experiments.classification.classifiers import TagIds, Texts

UNKNOWN = 0  # the id of tags that training lacks
PADDED = -1  # the target of padding: no loss
EMBEDDING_SIZE, HIDDEN_SIZE = 16, 64
DROPPED_TAGS, DROPPED_EMBEDDING, DROPPED_OUTPUT = 0.1, 0.2, 0.3  # shares
EPOCHS = (5, 10, 15)
BATCH_LINES = 64
LEARNING_RATE, WEIGHT_DECAY = 0.02, 0.1
RATE_DECAY = 0.95  # of the learning rate after each epoch, as in the book


class TagModel(nn.Module):
    """A language model of lines of tags, whose inputs and softmax know the poet.

    Training drops shares of tags, which become UNKNOWN, and of embedding and output values, the same at every step.
    """

    def __init__(self, tags: int, poets: int, unit: str) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tags, EMBEDDING_SIZE)
        self.poet_embedding = nn.Embedding(poets, EMBEDDING_SIZE)
        self.stack = RecurrentStack(unit, EMBEDDING_SIZE, [HIDDEN_SIZE])
        self.output = nn.Linear(HIDDEN_SIZE, tags)
        self.poet_bias = nn.Embedding(poets, tags)
        nn.init.zeros_(self.poet_bias.weight)
        self.drop_embedding = VariationalDropout(DROPPED_EMBEDDING)
        self.drop_output = VariationalDropout(DROPPED_OUTPUT)

    def forward(self, inputs: Tensor, targets: Tensor, poets: Tensor) -> Tensor:
        """Return log p(targets | inputs, poet) of each line, (lines,), from (lines, time) twice and (lines,), int64."""
        if self.training:
            inputs = inputs.masked_fill(torch.rand(inputs.shape) < DROPPED_TAGS, UNKNOWN)
        embedded = self.drop_embedding(self.embedding(inputs)) + self.poet_embedding(poets)[:, None]
        hidden, _ = self.stack(embedded)
        logits = self.output(self.drop_output(hidden)) + self.poet_bias(poets)[:, None]
        losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none", ignore_index=PADDED)
        return -losses.view_as(targets).sum(1)

    @torch.no_grad()
    def score(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Return log p(targets | inputs, poet) for every poet, (lines, poets), without dropout."""
        self.eval()
        poets = range(self.poet_embedding.num_embeddings)
        scores = [self(inputs, targets, torch.full((len(inputs),), poet)) for poet in poets]
        self.train()
        return torch.stack(scores, 1)


def score_by_networks(
    texts: Texts, labels: np.ndarray, asked: Texts, unit: str, networks: int, seed: int
) -> dict[int, np.ndarray]:
    """Train networks on lines with `labels` (n,) from 0 on; return log p(line, poet) of the lines `asked`.

    By number of epochs, the networks' mean: (lines, poets). A seed repeats exactly, and a network does not depend on
    how many follow it. torch's own generator is left unchanged.
    """
    tag_ids = TagIds(texts)
    lines, asked_lines = (edged(tag_ids.encode(each), len(tag_ids)) for each in (texts, asked))
    found: dict[int, list[np.ndarray]] = {epochs: [] for epochs in EPOCHS}
    priors = np.log(np.bincount(labels))
    for draw in np.random.default_rng(seed).integers(2**32, size=networks):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(draw))
            model = TagModel(len(tag_ids) + 1, len(priors), unit)
            optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
            schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, RATE_DECAY)
            for epoch in range(1, max(EPOCHS) + 1):
                train_epoch(model, optimizer, *lines, torch.from_numpy(labels))
                schedule.step()
                if epoch in found:
                    found[epoch].append(model.score(*asked_lines).numpy() + priors)
    return {epochs: np.mean(each, axis=0) for epochs, each in found.items()}


def train_epoch(model: TagModel, optimizer: Optimizer, inputs: Tensor, targets: Tensor, poets: Tensor) -> None:
    """Train on all lines once, in an order that torch's own generator draws."""
    lengths = (targets != PADDED).sum(1)
    for rows in torch.randperm(len(inputs)).split(BATCH_LINES):
        time = int(lengths[rows].max())
        loss = -model(inputs[rows, :time], targets[rows, :time], poets[rows]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def edged(rows: Sequence[Sequence[int]], edge: int) -> tuple[Tensor, Tensor]:
    """Return inputs, each row behind an `edge`, and targets, each row before an `edge`: (lines, time) each.

    An UNKNOWN is no target: of a tag that no poet has in training, no model knows anything.
    """
    inputs = [torch.tensor([edge, *row]) for row in rows]
    targets = [torch.tensor([*(PADDED if id == UNKNOWN else id for id in row), edge]) for row in rows]
    side_by_side = torch.nn.utils.rnn.pad_sequence
    return side_by_side(inputs, batch_first=True), side_by_side(targets, batch_first=True, padding_value=PADDED)
