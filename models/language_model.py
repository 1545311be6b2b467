"""A recurrent language model: embedding, recurrent layers, softmax over the vocabulary."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.func import functional_call

from models.batch import Batch
from models.gate import Distributions, Gate, Parts
from models.recurrent.layers import Layer, RecurrentStack, State
from models.recurrent.regularisers import DropoutShares, VariationalDropout, dropped_hidden_weights
from models.recurrent.units import Kind, spelled_out
from models.softmax import Score, make_softmax

SCALE = 0.1  # of the values of initial vectors: with unit variance they stay nearer to chance


class RecurrentLanguageModel(nn.Module):
    """Predicts each word from the words before it (book, chapter 3; Mikolov et al. 2010).

    `models.trainable` trains it. With `tie_weights` embedding and softmax share one matrix (Press and Wolf 2017), so
    the embedding must be as wide as the last layer. `unit` and `loss` are a kind alone or a mapping with a `kind` and
    its settings; `dropout` has the fields of `DropoutShares`. `bfloat16` multiplies in that precision where hardware
    supports it. `counts` (V,) is the number of times that each word id is a target in the training split: with them the
    biases of an exact softmax start at the logs of the words' shares. With an `ngram_order` a `gate` weighs the softmax
    against `ngrams`, which are to be set.
    """

    ngrams: Distributions

    def __init__(
        self,
        vocabulary_size: int,
        *,
        unit: Kind,
        embedding_size: int,
        hidden_sizes: Sequence[int],
        loss: Kind = "exact",
        dropout: Mapping[str, float] | None = None,
        learn_initial_state: bool = False,
        tie_weights: bool = False,
        bfloat16: bool = False,
        counts: Tensor | None = None,
        ngram_order: int = 0,
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
        self.dropout = DropoutShares(**(dropout or {}))
        places = self.dropout.embedding, self.dropout.layers, self.dropout.output
        self.embedding_dropout, self.layer_dropout, self.output_dropout = map(VariationalDropout, places)
        self.gate = Gate(hidden_sizes[-1]) if ngram_order else None
        self._carried: State = []

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return self.embedding.weight.device

    @torch.no_grad()
    def start_from(self, inputs: Tensor, outputs: Tensor) -> None:
        """Let word vectors start from these, (V, dimensions), scaled to one length; rows of zeros stay random.

        Surplus columns are left out. If embedding and softmax share a matrix, it starts from `inputs`.
        """
        softmax = self.get_parameter("output.weight")
        pairs = [(self.embedding.weight, inputs)] + [(softmax, outputs)] * (softmax is not self.embedding.weight)
        for weight, given in pairs:
            size = weight.shape[1]
            vectors = nn.functional.normalize(given[:, :size]) * SCALE * size**0.5
            weight.copy_(torch.where(vectors.any(1, keepdim=True), vectors, weight))

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return the hidden values after each input word, and the state after the last.

        (batch, time) int64 to (batch, time, hidden size); without a `state` the rows start anew.
        """
        embedded = self.embedding(inputs)
        weights: dict[str, Tensor] = {}
        if self.training:
            if self.dropout.words:
                ones = embedded.new_ones(len(self.embedding.weight), 1)  # a word is dropped wherever it occurs
                embedded = embedded * nn.functional.dropout(ones, self.dropout.words)[inputs]
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
        hidden, after = self(batch.inputs, self._taken_up(batch.fresh))
        if batch.fresh is not None:
            self._carried = [tuple(part.detach() for part in layer) for layer in after]
        return hidden

    def cross_entropy(self, hidden: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the mean cross-entropy of a batch in nats, given its `contexts`, and what has its gradients."""
        if self.gate:
            return self.gate.loss(self.output, hidden, batch)
        loss = self.output.loss(hidden, batch.targets)
        return loss, loss

    def score(self, hidden: Tensor, batch: Batch) -> Score:
        """Return how well the targets of a batch are predicted, given its `contexts`."""
        if self.gate:
            return self.gate.score(self.output, hidden, batch, self.ngrams)
        return self.output.score(hidden, batch.targets)

    @torch.no_grad()
    def logits(self, hidden: Tensor, ngram_contexts: Tensor | None = None) -> Tensor:
        """Return log-probabilities (n, words), up to a constant, after hidden values (n, hidden size)."""
        if not self.gate:
            found: Tensor = self.output(hidden)
            return found
        assert ngram_contexts is not None
        counted = self.ngrams.after(ngram_contexts.cpu()).to(hidden.device)
        return self.gate.chances(self.output, hidden, counted).log()

    @torch.no_grad()
    def parts(self, hidden: Tensor, ngram_contexts: Tensor | None = None) -> Parts:
        """Return log-probabilities (n, words) after hidden values (n, hidden size), of each part if there is a gate."""
        if not self.gate:
            return Parts(torch.log_softmax(self.output(hidden), 1))
        assert ngram_contexts is not None
        return self.gate.parts(self.output, hidden, self.ngrams.after(ngram_contexts.cpu()).to(hidden.device))

    @contextmanager
    def in_float32(self) -> Iterator[None]:
        """Take all products in float32 inside the block."""
        layers = [layer for layer in self.recurrent.layers if isinstance(layer, Layer)]
        before = [layer.in_bfloat16 for layer in layers]
        for layer in layers:
            layer.in_bfloat16 = False
        try:
            yield
        finally:
            for layer, low in zip(layers, before, strict=True):
                layer.in_bfloat16 = low

    def contexts_in(self, row: Sequence[int]) -> Tensor | None:
        """Return the contexts of n-grams before each of a row's n words, and after the last; None without a gate."""
        return self.ngrams.contexts(row) if self.gate else None

    def _taken_up(self, fresh: Tensor | None) -> State | None:
        """Return the carried state, with the initial state in fresh rows; None if all rows start anew."""
        # Reading `fresh` would make a GPU wait. A stream with another number of rows starts anew.
        if fresh is None or not self._carried or len(self._carried[0][0]) != len(fresh):
            return None
        initial = self.recurrent.initial_state(len(fresh))
        return [
            tuple(torch.where(fresh[:, None], new, old.to(new)) for new, old in zip(*layers, strict=True))
            for layers in zip(initial, self._carried, strict=True)
        ]
