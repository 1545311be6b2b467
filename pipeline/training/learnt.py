"""A trained model, as training hands it on and as it lies on disk."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.language_model import LanguageModel
from pipeline.run.console import Metrics, UserError
from pipeline.run.outputs import read_json, write_json
from pipeline.run.tables import write_table
from pipeline.scoring.figures import write_scores
from pipeline.store.vocabulary import END, START, Vocabulary
from pipeline.training.settings import RecurrentModel

RECORD, WEIGHTS, COUNTS, CURVES = "model.json", "weights.pt", "target_counts.npy", "curves.tsv"
GATES, GRADIENTS, SENTENCES = "gates.json", "gradient_rms.pt", "sentences.json"


class Learnt(NamedTuple):
    """A trained model.

    `weights` hold at least `embedding.weight`, the input vectors (V, dimensions), and, where there are some, the
    output vectors `output.weight`, (V, dimensions). `record` says by which settings and seed they were trained.
    `epochs` has the figures of each epoch; a model that is counted has none. `target_counts` (V,) says how often a
    language model met each word id as a target, `scores` holds those of `pipeline.scoring` by split, and by the methods
    of `at_test`. `gradients`, for dynamic evaluation, are those of `models.adaptive.gradient_rms`. `sentences` are some
    that a language model writes, `gates` those of a language model over an example, as `pipeline.training.gates`
    returns them.
    """

    record: dict[str, Any]
    weights: Mapping[str, Tensor]
    figures: Metrics
    epochs: list[Metrics]
    target_counts: np.ndarray | None = None
    scores: Mapping[str, np.ndarray] = {}
    gradients: Mapping[str, Tensor] = {}
    sentences: Sequence[str] = ()
    gates: Mapping[str, Any] = {}


def record_of(settings: Any, seed: int, vocabulary: Vocabulary) -> dict[str, Any]:
    """What decides a model's weights, for `model.json`."""
    size = {"vocabulary_size": len(vocabulary), "vocabulary": vocabulary.fingerprint}
    return {"seed": seed, **size, "settings": settings.model_dump()}


def before_sentence(record: Mapping[str, Any]) -> int:
    """Return the id that a model with this record has read before each sentence: in a stream the END of another."""
    return END if record["settings"]["batches"]["kind"] == "stream" else START


def write_learnt(folder: Path, learnt: Learnt) -> None:
    """Write a model into `folder`."""
    torch.save(learnt.weights, folder / WEIGHTS)
    write_json(folder / RECORD, learnt.record)
    if learnt.epochs:
        write_table(folder / CURVES, [{"epoch": n, **figures} for n, figures in enumerate(learnt.epochs, start=1)])
    if learnt.target_counts is not None:
        np.save(folder / COUNTS, learnt.target_counts)
    write_scores(folder, learnt.scores)
    if learnt.gates:
        write_json(folder / GATES, learnt.gates)
    if learnt.gradients:
        torch.save({name: value.cpu() for name, value in learnt.gradients.items()}, folder / GRADIENTS)
    if learnt.sentences:
        write_json(folder / SENTENCES, {"seed": learnt.record["seed"], "sentences": learnt.sentences})


def make_language_model(settings: RecurrentModel, vocabulary_size: int, counts: Tensor) -> LanguageModel:
    """A new language model by its settings; `counts` (V,) are of each word id as a target.

    Raises `ValueError` where the settings do not fit the vocabulary.
    """
    arguments = settings.model_dump(include=ARGUMENTS)
    return LanguageModel(vocabulary_size, **arguments, counts=counts)


ARGUMENTS = set(RecurrentModel.model_fields) - {"start", "gradient_clip", "accumulate", "batches", "epochs", "patience"}


def read_language_model(folder: Path) -> LanguageModel:
    """The language model in `folder`; raises `UserError` where it is damaged, or of another version of the code."""
    record = read_json(folder / RECORD)
    with _damage_in_one_line(folder, f"{RECORD} and {WEIGHTS}"):
        arguments = {name: record["settings"][name] for name in ARGUMENTS}
        # The counts that some losses are made with only matter to training, or are saved with the weights.
        model = LanguageModel(record["vocabulary_size"], **arguments, counts=torch.ones(record["vocabulary_size"]))
        model.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
    return model


def read_gradients(folder: Path) -> dict[str, Tensor]:
    """The `gradients` of the model in `folder`; raises `UserError` where the file is damaged."""
    with _damage_in_one_line(folder, GRADIENTS):
        gradients: dict[str, Tensor] = torch.load(folder / GRADIENTS, weights_only=True)
    return gradients


@contextmanager
def _damage_in_one_line(folder: Path, files: str) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except Exception as error:  # unpickling what is damaged may raise any
        told = (str(error).splitlines() or [""])[0].rstrip(":. ")
        raise UserError(
            f"{folder}: its {files} cannot be read ({type(error).__name__}: {told}); run `dvc repro`"
        ) from None
