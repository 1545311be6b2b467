"""The kinds of entries in `models`, and what trains each."""

from collections.abc import Callable

from pipeline.training.embedding import train_embedding
from pipeline.training.fit import Job
from pipeline.training.language_model import train_language_model
from pipeline.training.learnt import Learnt
from pipeline.training.svd import train_svd
from pipeline.training.word2vec import train_word2vec

KINDS: dict[str, Callable[[Job], Learnt]] = {
    "language_model": train_language_model,
    "embedding": train_embedding,
    "word2vec": train_word2vec,
    "svd": train_svd,
}
IN_ONE_PROCESS = {"word2vec", "svd"}
