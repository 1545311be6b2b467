"""A trained model, in memory and on disk."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pydantic

from models.recurrent.units import unit_of
from pipeline.ngrams.stored import from_arrays, ngram_arrays
from pipeline.ngrams.table import NGramTable
from pipeline.records.models import Curves, Guesses, ModelRecord, Sentences
from pipeline.run.arrays import read_tensors, write_tensors
from pipeline.run.console import Metrics
from pipeline.run.errors import AGAIN, UserError, reading
from pipeline.run.section import Section
from pipeline.scores.figures import write_scores
from pipeline.settings.explain import explain
from pipeline.settings.model_sections import LanguageModelEntry
from pipeline.store.vocabulary import END, START, Vocabulary
from pipeline.trained.files import (
    CURVES,
    GATED_BY,
    GRADIENTS,
    GUESSES,
    MOST_NGRAMS,
    NGRAMS,
    RECORD,
    SENTENCES,
    TARGET_COUNTS,
    WEIGHTS,
)

if TYPE_CHECKING:  # torch takes a second to import, which word2vec and svd spare
    from torch import Tensor

    from models.language_model import RecurrentLanguageModel
    from pipeline.ngrams.companion import Companion

# Settings that decide what the weights of a language model are, and how they answer; the others are of the training.
ANSWERS_BY = (
    *("unit", "embedding_size", "hidden_sizes", "loss", "dropout", "learn_initial_state", "tie_weights"),
    *("bfloat16", "batches"),
)
OF_VOCABULARY = "vocabulary"  # among the arrays of n-grams: the fingerprint of their vocabulary


class Learnt(NamedTuple):
    """A trained model.

    `weights` has at least `embedding.weight`, the input vectors (V, dimensions), and, if there are output vectors,
    `output.weight`, (V, dimensions). `record` has the settings and the seed of the training. `epochs` has the figures
    of each epoch; a model that is counted has none. `target_counts` (V,) says how often a language model met each word
    id as a target. `scores` are the results of `pipeline.scores` by split, and by `test_dynamic` those of dynamic
    evaluation, which needs the `gradients` that its `gradient_rms` returns. A language model writes `sentences`, and
    `guesses` has what it expected after each epoch in the sentence that the page shows, `next_words` its likeliest
    words after the page's beginnings. A model with a gate has n-grams in its `companion`.
    """

    record: ModelRecord
    weights: Mapping[str, "Tensor | np.ndarray"]
    figures: Metrics
    epochs: list[Metrics]
    target_counts: np.ndarray | None = None
    scores: Mapping[str, np.ndarray] = {}
    gradients: Mapping[str, "Tensor"] = {}
    sentences: Sequence[str] = ()
    guesses: Sequence[Any] = ()
    next_words: Sequence[Any] = ()
    companion: "Companion | None" = None


def record_of(settings: Section, seed: int, vocabulary: Vocabulary) -> ModelRecord:
    """Return everything that decides a model's weights."""
    return ModelRecord(
        seed=seed,
        vocabulary_size=len(vocabulary),
        vocabulary=vocabulary.fingerprint,
        settings=settings.model_dump(),
    )


def before_sentence(record: ModelRecord) -> int:
    """Return the id that precedes each sentence when a model with this record is trained: START, or END in a stream."""
    return END if record.settings["batches"]["kind"] == "stream" else START


def write_learnt(folder: Path, learnt: Learnt) -> None:
    """Write a model into `folder`."""
    write_tensors(folder / WEIGHTS, as_arrays(learnt.weights))
    learnt.record.write(folder / RECORD)
    if learnt.companion:
        arrays = ngram_arrays(learnt.companion.table, rounded=bool(learnt.record.settings[MOST_NGRAMS]))
        write_tensors(folder / NGRAMS, arrays | {OF_VOCABULARY: as_bytes(learnt.record.vocabulary)})
    if learnt.epochs:
        columns = {name: [figures[name] for figures in learnt.epochs] for name in learnt.epochs[0]}
        Curves.model_validate(columns).write(folder / CURVES)
    if learnt.target_counts is not None:
        np.save(folder / TARGET_COUNTS, learnt.target_counts)
    write_scores(folder, learnt.scores)
    if learnt.gradients:
        write_tensors(folder / GRADIENTS, as_arrays(learnt.gradients))
    if learnt.sentences:
        Sentences(seed=learnt.record.seed, sentences=[*learnt.sentences]).write(folder / SENTENCES)
    if learnt.guesses:
        Guesses(epochs=[*learnt.guesses], next=[*learnt.next_words]).write(folder / GUESSES)


def of_language_model(record: ModelRecord, place: Path | str) -> ModelRecord:
    """Return the record in the file `place` with the settings that decide what a language model answers.

    Raises `UserError` if one is missing or not allowed.
    """
    if lacking := [name for name in ANSWERS_BY if name not in record.settings]:
        raise UserError(f"{place}: lacks settings.{lacking[0]}; {AGAIN}")
    try:
        given = {name: record.settings[name] for name in ANSWERS_BY} | {
            name: record.settings[name] for name in (GATED_BY, MOST_NGRAMS) if name in record.settings
        }
        settings = LanguageModelEntry.model_validate(given)
        return record.model_copy(update={"settings": settings.model_dump(include={*ANSWERS_BY, GATED_BY, MOST_NGRAMS})})
    except pydantic.ValidationError as error:
        raise UserError(f"{place}: settings.{explain(error, LanguageModelEntry)}; {AGAIN}") from None


def read_language_model(folder: Path) -> "RecurrentLanguageModel":
    """Return the language model in `folder`; raises `UserError` if it is damaged, or from another version of wikilm."""
    record = of_language_model(ModelRecord.read(folder / RECORD), folder / RECORD)
    weights = read_tensors(folder / WEIGHTS)
    with reading(folder / WEIGHTS):
        model = language_model_of(record, weights)
    if record.settings[GATED_BY]:
        arrays = read_tensors(folder / NGRAMS)
        with reading(folder / NGRAMS):
            model.ngrams = ngrams_of(record, arrays)
    return model


def ngrams_of(record: ModelRecord, arrays: dict[str, np.ndarray]) -> NGramTable:
    """Return the n-grams of a record `of_language_model`; raises `ValueError` if they do not fit it."""
    if not np.array_equal(arrays.pop(OF_VOCABULARY, ()), as_bytes(record.vocabulary)):
        raise ValueError("its n-grams are of another vocabulary than the model")
    return from_arrays(
        arrays, record.vocabulary_size, record.settings[GATED_BY], rounded=bool(record.settings[MOST_NGRAMS])
    )


def language_model_of(record: ModelRecord, weights: Mapping[str, np.ndarray]) -> "RecurrentLanguageModel":
    """Return the model of a record `of_language_model` with its weights; raises `ValueError` if they do not fit."""
    from models.language_model import RecurrentLanguageModel

    arguments = {name: value for name, value in record.settings.items() if name not in ("batches", MOST_NGRAMS)}
    # What the settings ask for is compared with the file before anything is as large as they say.
    sizes = [arguments["embedding_size"], *arguments["hidden_sizes"]]
    layers = (unit_of(arguments["unit"]).shapes(below, size).values() for below, size in pairwise(sizes))
    asked = record.vocabulary_size * max(sizes[0], sizes[-1]) + sum(math.prod(own) for each in layers for own in each)
    if asked > (held := sum(own.size for own in weights.values())):
        raise ValueError(f"hidden_sizes and other settings ask for {asked:,} values, and it has {held:,}")
    model, given = RecurrentLanguageModel(record.vocabulary_size, **arguments), as_torch(weights)
    if arguments["tie_weights"] and "embedding.weight" in given:
        given["output.weight"] = given["embedding.weight"]
    for name in (*(expected := model.state_dict()), *given):
        own, right = (tuple(each[name].shape) if name in each else None for each in (given, expected))
        if own != right:
            raise ValueError(f"{name} is {own or 'missing'}, and the settings ask for {right or 'none'}")
    model.load_state_dict(given)
    return model


def as_bytes(text: str) -> np.ndarray:
    """Return a text in UTF-8 as an array of bytes."""
    return np.frombuffer(text.encode(), np.uint8)


def as_arrays(tensors: Mapping[str, "Tensor | np.ndarray"]) -> dict[str, np.ndarray]:
    """Return named tensors as arrays, without `output.weight` if it is the embedding, as tied weights are."""
    found = {
        name: np.ascontiguousarray(tensor if isinstance(tensor, np.ndarray) else tensor.cpu())
        for name, tensor in tensors.items()
    }
    if "output.weight" in found and np.shares_memory(found["embedding.weight"], found["output.weight"]):
        del found["output.weight"]
    return found


def as_torch(arrays: Mapping[str, np.ndarray]) -> dict[str, "Tensor"]:
    """Return named arrays as tensors that share their memory."""
    import torch

    return {name: torch.from_numpy(array) for name, array in arrays.items()}
