"""Starting from counts: word vectors from a factorisation save the first epochs."""

import math
import os
import time

import numpy as np
import torch

from models.language_model import LanguageModel
from pipeline.batches.settings import Text
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import WORDS
from pipeline.training.job import Job
from pipeline.training.svd import count_vectors
from pipeline.training.vector_settings import Svd
from pipeline.vectors.spelling import predicted


def start_from_counts(
    job: Job,
    model: LanguageModel,
    sequences: Sequences,
    text: Text,
    words: float = math.inf,
    *,
    by_spelling: bool = False,
) -> float:
    """Let the vectors of `model` start from vectors of kind `svd`, if the job asks for it; return the CPU seconds.

    They are counted in so many `words` of the training rows. `by_spelling` takes what the spelling of words predicts of
    these vectors instead: a few counts tell little about a rare word, and its relatives more. Words without relatives
    keep their own.
    """
    start = job.settings.start
    if start.kind != "svd" or int(os.environ.get("LOCAL_RANK", "0")):  # other processes get the first one's weights
        return 0.0
    began = time.process_time()
    longest = max(model.get_parameter(f"{side}.weight").shape[1] for side in ("embedding", "output"))
    size = min(longest, len(sequences.vocabulary))
    counted = Svd(kind="svd", embedding_size=size, window=start.window, data=text)
    found, _ = count_vectors(job._replace(settings=counted), sequences, words)
    for vectors in found if by_spelling else ():
        spelled = predicted(sequences.vocabulary.words, vectors[WORDS])
        vectors[WORDS] = np.where(spelled.any(axis=1, keepdims=True), spelled, vectors[WORDS])
    model.start_from(*map(torch.from_numpy, found))
    return time.process_time() - began
