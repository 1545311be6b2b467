"""A recurrent model that is trained for its word vectors, and may look at what stands behind a word."""

import torch
from torch import Tensor, nn

from models.batch import Batch
from models.language_model import SCALE, Kind, LanguageModel
from models.losses import SampledSoftmax
from models.recurrent.units import RecurrentStack


class EmbeddingModel(LanguageModel):
    """Predicts each word of a text from the words before it and, with two `directions`, from those behind it as well.

    A sampled softmax reads the hidden values of the word before, beside those of the word behind (as context2vec,
    Melamud et al. 2016, but with no layer between). Its rows are the output vectors, (V, `directions` * `hidden_size`);
    those of the embedding are the input vectors, (V, `embedding_size`).

    A batch's targets are its inputs. `counts` (V,) are of each word in what is read.
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
            loss={"kind": "sampled", "negatives": negatives},
            counts=counts,
        )
        nn.init.normal_(self.embedding.weight, std=SCALE)
        self.from_behind: RecurrentStack | None = None
        if directions == 2:
            self.from_behind = RecurrentStack(unit, embedding_size, [hidden_size])
            self.output = SampledSoftmax(2 * hidden_size, vocabulary_size, negatives=negatives, counts=counts)

    def contexts(self, batch: Batch) -> Tensor:
        """What each word is predicted from: (batch, time, `directions` * hidden size).

        What stands before a row's first word is known from the batch before; what stands behind its last is not.
        """
        embedded = self.embedding(batch.inputs)
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
