"""Starting a language model from the word vectors in a file (book, chapter 3)."""

import hashlib

import torch
from torch import nn

from pipeline.run.console import Metrics, say
from pipeline.run.errors import UserError
from pipeline.run.section import path_of
from pipeline.settings.model_sections import FromFile
from pipeline.store.vocabulary import WORDS, Vocabulary
from pipeline.vectors.word2vec_format import load_vectors


@torch.no_grad()
def start_from_file(
    key: str, settings: FromFile, embedding: nn.Embedding, vocabulary: Vocabulary
) -> tuple[Metrics, str]:
    """Start `embedding`, which has a row for each id, from the vectors of a file; rows of other words stay random.

    `key` is the model's entry in params.yaml. Words are matched by spelling. The vectors are scaled to the mean square
    of the values that they replace, so that the next layer gets values of the usual size. Returns how many words were
    found (`pretrained_words`) and their share (`pretrained_coverage`), and the file's checksum. Raises `UserError` if
    the file is not a word2vec file, or if it does not fit the embedding or the vocabulary.
    """
    path, place = path_of(settings.file), f"params.yaml: {key}.start.file"
    words, vectors = load_vectors(path)
    if (size := vectors.shape[1]) != embedding.embedding_dim:
        raise UserError(
            f"{place}: {path} has vectors of {size} values; set {key}.embedding_size, which is "
            f"{embedding.embedding_dim}, to that"
        )
    rows, known = {word: row for row, word in enumerate(words)}, len(vocabulary.words)
    found = [(id, rows[word]) for id, word in enumerate(vocabulary.words, WORDS.start) if word in rows]
    if not found:
        raise UserError(f"{place}: {path} has none of the vocabulary's {known:,} words")
    ids, taken = map(list, zip(*found, strict=True))
    replacing = torch.from_numpy(vectors[taken])
    scale = embedding.weight[ids].square().mean() / replacing.square().mean().clamp(min=1e-12)
    embedding.weight[ids] = replacing * scale.sqrt()
    embedding.weight.requires_grad_(not settings.freeze)
    share = len(found) / known
    say(f"{len(found):,} of {known:,} words ({share:.1%}) start from {path}")
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "blake2b").hexdigest()
    return {"pretrained_words": len(found), "pretrained_coverage": share}, checksum
