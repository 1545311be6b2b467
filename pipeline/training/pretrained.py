"""Starting a language model from the word vectors in a file (book, chapter 3), or from a trained model."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from pipeline.records.models import ModelRecord
from pipeline.run.arrays import read_tensors
from pipeline.run.console import Metrics, say
from pipeline.run.errors import UserError
from pipeline.run.section import path_of
from pipeline.settings.model_sections import FromFile, FromModel
from pipeline.store.vocabularies import read_vocabulary
from pipeline.store.vocabulary import END, START, WORDS, Vocabulary
from pipeline.trained.files import GATED_BY, RECORD, WEIGHTS
from pipeline.trained.learnt import as_torch
from pipeline.vectors.word2vec_format import load_vectors

NETWORK = {"unit", "embedding_size", "hidden_sizes", "loss", "learn_initial_state", "tie_weights", GATED_BY}
BY_WORD = "embedding.weight", "output.weight", "output.bias"  # weights with a row for each word id


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
    return {"pretrained_words": len(found), "pretrained_coverage": share}, checksum_of(path)


def checksum_of(path: Path) -> str:
    """Return a digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


@torch.no_grad()
def start_from_model(
    key: str, settings: FromModel, network: Mapping[str, Any], model: nn.Module, vocabulary: Vocabulary
) -> str:
    """Start all weights of `model` from those of a trained one; return the checksum of their file.

    `network` has the settings of its network. Rows of words are matched by spelling, so the text may be another one;
    rows of new words stay as they are. Raises `UserError` if the trained model has another network, or was trained
    with another vocabulary than the one in its folder.
    """
    folder = path_of(settings.folder)
    record, before = ModelRecord.read(folder / RECORD), read_vocabulary(folder / "vocabulary.tsv")
    if record.vocabulary != before.fingerprint:
        raise UserError(f"{folder}/vocabulary.tsv: is not the vocabulary of {folder / WEIGHTS}; copy that one")
    trained = {GATED_BY: 0} | record.settings  # which older versions lack
    if unlike := [name for name in network if trained.get(name) != network[name]]:
        raise UserError(
            f"params.yaml: {key}: {unlike[0]} differs from {folder / RECORD}, which has "
            f"{trained.get(unlike[0])}; a model goes on with the same network"
        )
    if type(before) is not type(vocabulary):
        raise UserError(
            f"params.yaml: {key}: {folder}'s vocabulary is of another kind; set vocabulary.kind to its kind"
        )
    rows = {word: id for id, word in enumerate(before.words, WORDS.start)}
    pairs = [(id, rows[word]) for id, word in enumerate(vocabulary.words, WORDS.start) if word in rows]
    marks = [(START, START), (END, END), (vocabulary.unknown, before.unknown)]
    new, old = map(list, zip(*pairs, *marks, strict=True))
    weights = as_torch(read_tensors(folder / WEIGHTS))
    for name, own in model.named_parameters():
        if name in BY_WORD:
            own[new] = weights[name][old]
        else:
            own.copy_(weights[name])
    say(f"all weights start from {folder}; {len(pairs):,} of {len(vocabulary.words):,} words are known to it")
    return checksum_of(folder / WEIGHTS)
