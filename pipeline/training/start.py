"""Starting from counts: word vectors from a factorisation save the first epochs."""

import math
import os

import torch

from models.language_model import LanguageModel
from pipeline.settings.model_sections import TrainingText
from pipeline.settings.vector_sections import SvdEntry
from pipeline.store.sequences import Sequences
from pipeline.training.job import Job
from pipeline.training.svd import count_vectors


def start_from_counts(
    job: Job, model: LanguageModel, sequences: Sequences, text: TrainingText, words: float = math.inf
) -> float:
    """Let the vectors of `model` start from vectors of kind `svd`, if the job asks for it; return the CPU seconds.

    They are counted in so many `words` of the training rows.
    """
    start = job.settings.start
    if start.kind != "svd" or int(os.environ.get("LOCAL_RANK", "0")):  # other processes get the first one's weights
        return 0.0
    longest = max(model.get_parameter(f"{side}.weight").shape[1] for side in ("embedding", "output"))
    size = min(longest, len(sequences.vocabulary))
    counted = SvdEntry(kind="svd", embedding_size=size, window=start.window, data=text)
    found, figures = count_vectors(job._replace(settings=counted), sequences, words)
    model.start_from(*map(torch.from_numpy, found))
    return figures["cpu_seconds"]
