"""The scores of a language model at each place of a split."""

import numpy as np
import torch
from lightning_fabric.utilities.apply_func import move_data_to_device

from models.batch import IGNORED
from models.language_model import LanguageModel
from pipeline.batches.rows import RowBatches, SequenceData
from pipeline.run.console import progress
from pipeline.scoring.figures import SCORE


@torch.no_grad()
def score_split(name: str, model: LanguageModel, data: SequenceData, split: str) -> np.ndarray:
    """Return a model's score at each place of a split, (places,) of dtype `SCORE`; nan where there is no target.

    The split is read as the model is validated: sentence by sentence, or with the state carried all through.
    """
    order = data.order(split, data.evaluation(split))
    batches = RowBatches(data.sequences)
    scores = np.zeros(int((order.lengths + 1).sum()), SCORE)
    scores["log_probability"] = np.nan
    model.eval()
    with progress(f"{name}: {split}", len(order), "batch") as bar:
        for draw in order:
            batch = move_data_to_device(batches[draw], model.device)
            score = model.output.score(model.contexts(batch), batch.targets)
            predicted = (batch.targets != IGNORED).cpu().numpy()
            places = (draw.places[:, None] + np.arange(predicted.shape[1]))[predicted]
            kept = score.counts.cpu()
            scores["log_probability"][places] = -score.loss.cpu()[kept].numpy()
            scores["right"][places] = score.right.cpu()[kept].numpy()
            bar.update()
    return scores
