"""Starting a language model from the word vectors in a file (book, chapter 3)."""

import hashlib
from pathlib import Path

import torch
from torch import nn

from pipeline.run.console import Metrics, UserError, say
from pipeline.store.vocabulary import WORDS, Vocabulary
from pipeline.training.start_settings import FromFile
from pipeline.vectors.word2vec_format import load_vectors


class PretrainedVectors:
    """The vectors of the file that the entry at `key` of params.yaml names, matched with the vocabulary by spelling.

    Raises `UserError` if the file is not a word2vec file, or if its vectors do not have `embedding_size` values.
    """

    def __init__(self, key: str, settings: FromFile, embedding_size: int) -> None:
        self.freeze, self.path = settings.freeze, Path(settings.file)
        self.key = f"params.yaml: {key}.start.file"
        self.words, self.vectors = load_vectors(self.path)
        size = self.vectors.shape[1]
        if size != embedding_size:
            raise UserError(
                f"{self.key}: {self.path} has vectors of {size} values; set {key}.embedding_size, which is "
                f"{embedding_size}, to that"
            )
        with self.path.open("rb") as file:
            self.checksum = hashlib.file_digest(file, "blake2b").hexdigest()

    @torch.no_grad()
    def start(self, embedding: nn.Embedding, vocabulary: Vocabulary) -> Metrics:
        """Put them, once, into `embedding`, which has a row for each id; the other rows stay random.

        They are scaled to the mean square of the values that they replace, so that the next layer gets values of the
        usual size. Returns how many words were found (`pretrained_words`) and their share (`pretrained_coverage`).
        """
        rows = {word: row for row, word in enumerate(self.words)}
        found = [(id, rows[word]) for id, word in enumerate(vocabulary.words, WORDS.start) if word in rows]
        known = len(vocabulary.words)
        if not found:
            raise UserError(f"{self.key}: {self.path} has none of the vocabulary's {known:,} words")
        ids, taken = map(list, zip(*found, strict=True))
        vectors = torch.from_numpy(self.vectors[taken])
        scale = embedding.weight[ids].square().mean() / vectors.square().mean().clamp(min=1e-12)
        embedding.weight[ids] = vectors * scale.sqrt()
        embedding.weight.requires_grad_(not self.freeze)
        share = len(found) / known
        say(f"{len(found):,} of {known:,} words ({share:.1%}) start from {self.path}")
        del self.words, self.vectors  # they may be large, and training is long
        return {"pretrained_words": len(found), "pretrained_coverage": share}
