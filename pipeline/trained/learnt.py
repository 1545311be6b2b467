"""A trained model, in memory and on disk."""

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.records.models import Curves, Guesses, ModelRecord, Sentences
from pipeline.run.console import Metrics
from pipeline.run.errors import reading
from pipeline.run.outputs import read_tensors, write_tensors
from pipeline.run.section import Section
from pipeline.scores.figures import write_scores
from pipeline.store.vocabulary import END, START, Vocabulary
from pipeline.trained.files import CURVES, GRADIENTS, GUESSES, RECORD, RECORDED, SENTENCES, TARGET_COUNTS, WEIGHTS
from pipeline.trained.recorded_network import recorded_network

if TYPE_CHECKING:  # torch takes a second to import, which word2vec and svd spare
    from torch import Tensor

    from models.language_model import RecurrentLanguageModel


class Learnt(NamedTuple):
    """A trained model.

    `weights` has at least `embedding.weight`, the input vectors (V, dimensions), and, if there are output vectors,
    `output.weight`, (V, dimensions). `record` has the settings and the seed of the training. `epochs` has the figures
    of each epoch; a model that is counted has none. `target_counts` (V,) says how often a language model met each word
    id as a target. `scores` are the results of `pipeline.scores` by split, and by `test_dynamic` those of dynamic
    evaluation, which needs the `gradients` that its `gradient_rms` returns. A language model writes `sentences`, and
    `guesses` has what it expected after each epoch in the sentence that the page shows, `next_words` its likeliest
    words after the page's beginnings.
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
    weights = as_arrays(learnt.weights)
    write_tensors(folder / WEIGHTS, weights)
    learnt.record.write(folder / RECORD)
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
        if network := recorded_network(learnt.record, weights):
            network.write(folder / RECORDED)


def read_language_model(folder: Path) -> "RecurrentLanguageModel":
    """Return the language model in `folder`; raises `UserError` if it is damaged, or from another version of wikilm."""
    import torch

    from models.language_model import RecurrentLanguageModel

    record = ModelRecord.read(folder / RECORD)
    network = inspect.signature(RecurrentLanguageModel).parameters.keys() - {"vocabulary_size", "counts"}
    with reading(folder / RECORD):
        arguments = {name: record.settings[name] for name in network}  # the others are settings of the training
        # The counts that some losses need only matter in training, or are saved with the weights.
        model = RecurrentLanguageModel(record.vocabulary_size, **arguments, counts=torch.ones(record.vocabulary_size))
    weights = as_torch(read_tensors(folder / WEIGHTS))
    with reading(folder / WEIGHTS):
        if arguments["tie_weights"]:
            weights["output.weight"] = weights["embedding.weight"]
        model.load_state_dict(weights)
    return model


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
