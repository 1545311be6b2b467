"""The scores of a language model at each place of a split."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.batch import IGNORED, Batch
from models.language_model import RecurrentLanguageModel
from pipeline.batches.order import Draw, Order
from pipeline.batches.rows import SequenceData
from pipeline.run.console import progress
from pipeline.scores.figures import SCORE


class Read(NamedTuple):
    """A batch of a split, the places of its targets (n,), and the hidden values that predict them, `contexts`."""

    batch: Batch
    places: np.ndarray
    hidden: Tensor


@torch.no_grad()
def score_split(
    name: str, model: RecurrentLanguageModel, data: SequenceData, split: str, draws: Order | list[Draw] | None = None
) -> np.ndarray:
    """Return a model's score at each place of a split, (places,) of dtype `SCORE`; nan where there is no target.

    Without `draws` the split is read as in validation: row by row, or as one stream with a carried state.
    """
    scores = no_scores(data, split)
    for read in read_batches(f"{name}: {split}", model, data, data.order(split) if draws is None else draws):
        scores[read.places] = score_batch(model, read)
    return scores


def read_batches(
    label: str, model: RecurrentLanguageModel, data: SequenceData, draws: Order | list[Draw]
) -> Iterator[Read]:
    """Yield the batches of these draws with the hidden values of the model in evaluation mode; show a progress bar."""
    model.eval()
    for draw in progress(label, len(draws), "batch", draws):
        batch = data[draw].on(model.device)
        counted = (batch.targets != IGNORED).cpu().numpy()
        places = draw.places[:, None] + np.arange(counted.shape[1])
        yield Read(batch, places[counted], model.contexts(batch))


def score_batch(model: RecurrentLanguageModel, read: Read) -> np.ndarray:
    """Return the scores of a batch's targets, (n,) of dtype `SCORE`."""
    score = model.score(read.hidden, read.batch)
    kept = score.counts.cpu()
    scores = np.empty(len(read.places), SCORE)
    scores["log_probability"] = -score.loss.cpu()[kept].numpy()
    scores["right"] = score.right.cpu()[kept].numpy()
    return scores


def no_scores(data: SequenceData, split: str) -> np.ndarray:
    """Return a score of nan for each place of a split."""
    _, lengths = data.sequences.ids_and_lengths(split)
    scores = np.zeros(int((lengths + 1).sum()), SCORE)
    scores["log_probability"] = np.nan
    return scores
