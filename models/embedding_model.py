"""A model that is trained for its word vectors: recurrent units, a window of words, or both predict each word."""

from typing import Any

import torch
from torch import Tensor, nn

from models.batch import Batch
from models.language_model import SCALE
from models.recurrent.layers import RecurrentStack
from models.recurrent.regularisers import kept
from models.recurrent.units import Kind
from models.rows import RowAdam, clip_gradients, take_rows
from models.sampled_softmax import SampledSoftmax
from models.trainable import TrainableLanguageModel

NEAR = 0.2  # weight of a neighbouring word's vector at the start
RECURRENT = 128  # values of a vector, at most, that the recurrent units read and predict if a window does the rest
MATRICES = ("embedding.weight", "output.weight")  # of which a step needs few rows


class EmbeddingModel(TrainableLanguageModel):
    """Predicts each word of a text from the words before it and, with two `directions`, also from the words after it.

    A sampled softmax reads the hidden values at the previous word, joined with those at the next word (as in
    context2vec, Melamud et al. 2016, but without a layer between). Each direction has an equal share of the hidden
    values, which are as many as a vector has. The weighted sum of the input vectors of `window` words on each side is
    added (as in CBOW, Mikolov et al. 2013, but with a learnt weight for each distance); without `recurrent` units
    (none) it predicts alone. With a window, the recurrent units read and predict only the first 128 values; a step with
    vectors of 300 then takes 0.6 of the time. The rows of the embedding are the input vectors, those of the softmax the
    output vectors, both (V, `embedding_size`). In training, a share `dropout` of the values of each word that is read
    is dropped.

    A batch's targets are its inputs. `counts` (V,) are the counts of each word in the text that is read. On a CPU, a
    step updates only the rows of both matrices that it needs (`models.rows`). Products, but for the window's, are in
    bfloat16 where the hardware supports it.
    """

    offsets: Tensor  # of the words of the window from the predicted one

    def __init__(
        self,
        vocabulary_size: int,
        *,
        recurrent: Kind,
        directions: int,
        embedding_size: int,
        window: int,
        dropout: float,
        negatives: int,
        learning_rate: float,
        counts: Tensor,
    ) -> None:
        width = min(embedding_size, RECURRENT) if window else embedding_size
        super().__init__(
            vocabulary_size,
            unit=recurrent,
            embedding_size=width,
            hidden_sizes=[width // directions],
            dropout={"embedding": dropout},
            learning_rate=learning_rate,
            schedule="linear",
            bfloat16=True,
        )
        self.width = width
        self.embedding = nn.Embedding.from_pretrained(torch.empty(vocabulary_size, embedding_size), freeze=False)
        nn.init.normal_(self.embedding.weight, std=SCALE)
        self.from_behind: RecurrentStack | None = None
        if directions == 2:
            self.from_behind = RecurrentStack(recurrent, width, [width // 2], bfloat16=True)
        offsets = torch.tensor([*range(-window, 0), *range(1, window + 1)][: directions * window])
        self.register_buffer("offsets", offsets, persistent=False)
        # The nearer a word, the greater its weight, as on average in word2vec, which draws the window's length.
        self.near = nn.Parameter(NEAR * (1 - (offsets.abs() - 1) / max(window, 1)), requires_grad=window > 0)
        self.output = SampledSoftmax(embedding_size, vocabulary_size, negatives=negatives, counts=counts, bfloat16=True)

    def contexts(self, batch: Batch) -> Tensor:
        """Return the values that predict each word: (batch, time, embedding size).

        The state is known from the previous batch; words beyond a row's ends are not.
        """
        # The vectors lie in memory as (time, batch, embedding size), which the recurrent layers read without a copy.
        rows = take_rows(self.embedding.weight, batch.inputs.t())
        if self.training and self.dropout.embedding:
            rows = rows * kept(rows, self.dropout.embedding)
        embedded = rows.transpose(0, 1)
        near = self._window(embedded.shape[1]) @ embedded if len(self.near) else embedded.new_zeros(())
        if not self.recurrent.layers:
            return near
        state = self._taken_up(batch.fresh) or self.recurrent.initial_state(len(embedded))
        read = embedded[..., : self.width]
        before, after = self.recurrent(read, state)
        self._carried = [tuple(part.detach() for part in layer) for layer in after]
        first = state[-1][0][:, None]
        contexts = torch.cat([first, before[:, :-1]], 1)
        if self.from_behind is not None:
            behind, _ = self.from_behind(read.flip(1))
            contexts = torch.cat([contexts, torch.cat([behind.flip(1)[:, 1:], torch.zeros_like(first)], 1)], 2)
        # The recurrent units add nothing to the other values.
        return near + nn.functional.pad(contexts, (0, embedded.shape[-1] - contexts.shape[-1]))

    def _window(self, steps: int) -> Tensor:
        """Return the weight of each word of a row at each place: (steps, steps), zero outside the window."""
        places = torch.arange(steps, device=self.near.device)
        at_offset = places - places[:, None] == self.offsets[:, None, None]
        weights: Tensor = torch.tensordot(self.near, at_offset.to(self.near.dtype), 1)
        return weights

    def configure_gradient_clipping(
        self, optimizer: Any, gradient_clip_val: float | None = None, gradient_clip_algorithm: str | None = None
    ) -> None:
        if gradient_clip_val:
            clip_gradients(self.parameters(), gradient_clip_val)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        others = [weight for name, weight in self.named_parameters() if name not in MATRICES]
        matrices = [*map(self.get_parameter, MATRICES)]
        groups: list[dict[str, Any]] = [{"params": others}, {"params": matrices, "betas": (0.0, 0.999)}]
        return RowAdam(groups, lr=self.learning_rate, fused=True)
