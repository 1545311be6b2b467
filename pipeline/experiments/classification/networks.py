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

from models.recurrent.regularisers import VariationalDropout
from models.recurrent.units import RecurrentStack
from pipeline.experiments.classification.classifiers import Texts, TokenIds
from pipeline.settings.experiment_sections import Recurrent

UNKNOWN = 0  # the id of tokens that training lacks
IGNORED = -1  # the target of padding: no loss


class TagModel(nn.Module):
    """A language model of lines of tags, whose inputs and softmax know the poet.

    Training drops the shares in `params.dropout`: of `tokens`, which become UNKNOWN; of `embedding` values and `output`
    values, the same ones at every step.
    """

    def __init__(self, tokens: int, poets: int, params: Recurrent) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, params.embedding_size)
        self.poet_embedding = nn.Embedding(poets, params.embedding_size)
        self.stack = RecurrentStack(params.unit, params.embedding_size, params.hidden_sizes)
        self.output = nn.Linear(params.hidden_sizes[-1], tokens)
        self.poet_bias = nn.Embedding(poets, tokens)
        nn.init.zeros_(self.poet_bias.weight)
        self.drop_tokens = params.dropout.tokens
        self.drop_embedding = VariationalDropout(params.dropout.embedding)
        self.drop_output = VariationalDropout(params.dropout.output)

    def forward(self, inputs: Tensor, targets: Tensor, poets: Tensor) -> Tensor:
        """Return log p(targets | inputs, poet) of each line, (lines,), from (lines, time) twice and (lines,), int64."""
        if self.training and self.drop_tokens:
            inputs = inputs.masked_fill(torch.rand(inputs.shape) < self.drop_tokens, UNKNOWN)
        embedded = self.drop_embedding(self.embedding(inputs)) + self.poet_embedding(poets)[:, None]
        hidden, _ = self.stack(embedded)
        logits = self.output(self.drop_output(hidden)) + self.poet_bias(poets)[:, None]
        losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none", ignore_index=IGNORED)
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
    texts: Texts, labels: np.ndarray, asked: Texts, params: Recurrent, networks: int, seed: int
) -> dict[int, np.ndarray]:
    """Train networks on lines with `labels` (n,) from 0 on; return log p(line, poet) of the lines `asked`.

    By number of epochs, each network's: (networks, lines, poets). A seed repeats exactly, and a network does not depend
    on how many follow it. torch's own generator is left unchanged.
    """
    token_ids = TokenIds(texts)
    lines, asked_lines = (pad(token_ids.encode(each), len(token_ids)) for each in (texts, asked))
    found: dict[int, list[np.ndarray]] = {epochs: [] for epochs in params.epochs}
    priors = np.log(np.bincount(labels))
    for draw in np.random.default_rng(seed).integers(2**32, size=networks):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(draw))
            model = TagModel(len(token_ids) + 1, len(priors), params)
            optimizer = torch.optim.AdamW(
                model.parameters(), lr=params.learning_rate, weight_decay=params.weight_decay, fused=True
            )
            schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, params.decay)  # as in the book
            for epoch in range(1, max(params.epochs) + 1):
                train_epoch(model, optimizer, *lines, torch.from_numpy(labels), params.batch_lines)
                schedule.step()
                if epoch in found:
                    found[epoch].append(model.score(*asked_lines).numpy() + priors)
    return {epochs: np.stack(each) for epochs, each in found.items()}


def train_epoch(
    model: TagModel, optimizer: torch.optim.Optimizer, inputs: Tensor, targets: Tensor, poets: Tensor, batch_lines: int
) -> None:
    """Train on all lines once, in an order that torch's own generator draws."""
    lengths = (targets != IGNORED).sum(1)
    for rows in torch.randperm(len(inputs)).split(batch_lines):
        time = int(lengths[rows].max())
        loss = -model(inputs[rows, :time], targets[rows, :time], poets[rows]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def pad(rows: Sequence[Sequence[int]], edge: int) -> tuple[Tensor, Tensor]:
    """Return inputs, each row behind an `edge`, and targets, each row before an `edge`: (lines, time) each.

    An UNKNOWN is no target: of a tag that no poet has in training, no model knows anything.
    """
    inputs = [torch.tensor([edge, *row]) for row in rows]
    targets = [torch.tensor([*(IGNORED if id == UNKNOWN else id for id in row), edge]) for row in rows]
    side_by_side = torch.nn.utils.rnn.pad_sequence
    return side_by_side(inputs, batch_first=True), side_by_side(targets, batch_first=True, padding_value=IGNORED)
