"""A recurrent model that is trained for its word vectors and may also read the words after a word."""

from typing import Any

import torch
from torch import Tensor, nn

from models import ranks
from models.batch import Batch
from models.language_model import SCALE
from models.losses import SampledSoftmax
from models.recurrent.units import Kind, RecurrentStack
from models.rows import RowAdam, clip_gradients, take_rows
from models.trainable import TrainableLanguageModel

MATRICES = ("embedding.weight", "output.weight")  # of which a step needs few rows


class EmbeddingModel(TrainableLanguageModel):
    """Predicts each word of a text from the words before it and, with two `directions`, also from the words after it.

    A sampled softmax reads the hidden values at the previous word, joined with those at the next word (as in
    context2vec, Melamud et al. 2016, but without a layer between). Its rows are the output vectors, (V, `directions` *
    `hidden_size`); the rows of the embedding are the input vectors, (V, `embedding_size`).

    A batch's targets are its inputs. `counts` (V,) are the counts of each word in the text that is read. On a CPU, a
    step updates only the rows of both matrices that it needs (`models.rows`). Products are in bfloat16 where the
    hardware supports it.
    """

    def __init__(
        self,
        vocabulary_size: int,
        *,
        unit: Kind,
        directions: int,
        embedding_size: int,
        hidden_size: int,
        negatives: int,
        learning_rate: float,
        final: float,
        counts: Tensor,
    ) -> None:
        super().__init__(
            vocabulary_size,
            unit=unit,
            embedding_size=embedding_size,
            hidden_sizes=[hidden_size],
            learning_rate=learning_rate,
            schedule={"kind": "linear", "final": final},
            bfloat16=True,
        )
        nn.init.normal_(self.embedding.weight, std=SCALE)
        self.from_behind: RecurrentStack | None = None
        if directions == 2:
            self.from_behind = RecurrentStack(unit, embedding_size, [hidden_size], bfloat16=True)
        size = directions * hidden_size
        self.output = SampledSoftmax(
            size, vocabulary_size, negatives=negatives, counts=counts, bfloat16=True, sparse=True
        )
        self._ddp_params_and_buffers_to_ignore = MATRICES  # `on_after_backward` averages their gradients

    def contexts(self, batch: Batch) -> Tensor:
        """Return the values that predict each word: (batch, time, `directions` * hidden size).

        The words before a row's first word are known from the previous batch; the words after its last are not.
        """
        # The vectors lie in memory as (time, batch, embedding size), which the recurrent layers read without a copy.
        embedded = take_rows(self.embedding.weight, batch.inputs.t()).transpose(0, 1)
        taken_up = None if batch.fresh is None else self._taken_up(batch.fresh)
        state = taken_up or self.recurrent.initial_state(len(embedded))
        before, after = self.recurrent(embedded, state)
        self._carried = [tuple(part.detach() for part in layer) for layer in after]
        first = state[-1][0][:, None]
        contexts = torch.cat([first, before[:, :-1]], 1)
        if self.from_behind is None:
            return contexts
        behind, _ = self.from_behind(embedded.flip(1))
        return torch.cat([contexts, torch.cat([behind.flip(1)[:, 1:], torch.zeros_like(first)], 1)], 2)

    def on_train_start(self) -> None:
        for name in MATRICES:
            ranks.take_first(self.get_parameter(name).data)

    def on_after_backward(self) -> None:
        for weight in map(self.get_parameter, MATRICES):
            if ranks.together() and weight.grad is not None:
                gradient = weight.grad.coalesce() if weight.grad.is_sparse else weight.grad
                weight.grad = ranks.summed(gradient).div_(self.trainer.world_size)

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
