"""The perplexity of a text, measured as the stage train measures it on the test split."""

import math
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.records.models import ModelRecord
from pipeline.run.arrays import read_tensors
from pipeline.run.errors import UserError
from pipeline.store.scale import SCALES
from wikilm.cutting import SplitText
from wikilm.run_folder import RunFolder

if TYPE_CHECKING:
    from models.language_model import RecurrentLanguageModel
    from pipeline.batches.order import Draw, Order
    from pipeline.batches.rows import SequenceData
    from pipeline.scores.targets import Targets
    from wikilm.prediction import LanguageModel


def score(model: "LanguageModel", split: SplitText, dynamic: bool) -> dict[str, Any]:
    """Return the figures of a text by a model."""
    run, name = model.run, model.name
    own, targets = model.split_scores(split)
    scores = {"": own} | ({"dynamic_": dynamic_scores_of(model, split)} if dynamic else {})
    measured = text_figures(scores, targets, model.target_counts())
    tested = run.figures(f"train/{name}")
    unknown = int(np.count_nonzero(split.ids == run.vocabulary.unknown))
    return {
        "model": name,
        "unit": run.params.tokens.unit,
        "sequences": len(split.lengths),
        "too_short": split.too_short,
        "tokens": len(split.ids),
        "unknown": unknown,
        "unknown_share": unknown / len(split.ids),
        "end_fraction": run.end_fraction,
        "ends": measured["targets"] - len(split.ids),
        **measured,
        **{key: tested.get(key) for key in (f"test_{scale.key}" for scale in SCALES)},
    }


def scores_of(
    run: RunFolder, record: ModelRecord, network: "RecurrentLanguageModel", split: SplitText
) -> "tuple[np.ndarray, Targets]":
    """Return the scores at each place of a text by a network, (places,) of dtype `SCORE`, and the targets there."""
    from pipeline.scores.model_scores import score_split
    from pipeline.scores.targets import read_targets

    with as_test_split(run, record, network, split) as data:
        scores = score_split("score", network, data, "test", draws_of(record, data, split))
        return scores, read_targets(data.sequences, "test")


def dynamic_scores_of(model: "LanguageModel", split: SplitText) -> np.ndarray:
    """Return the same scores with dynamic evaluation."""
    from pipeline.scores.dynamic_evaluation import dynamic_scores
    from pipeline.trained.files import GRADIENTS
    from pipeline.trained.learnt import as_torch

    rms = as_torch(read_tensors(model.run.path / "models" / model.name / GRADIENTS))
    with as_test_split(model.run, model.record, model.network, split) as data:
        return dynamic_scores("score", model.network, data, "test", rms, model.record.dynamic_evaluation or 0.0)


def data_as_trained(database: Path, record: ModelRecord, network: "RecurrentLanguageModel") -> "SequenceData":
    """Return the batches of a database, read as the `network` of this record was trained."""
    from pipeline.batches.rows import SequenceData
    from pipeline.ngrams.companion import Companion
    from pipeline.ngrams.table import NGramTable
    from pipeline.settings.model_sections import LanguageModelEntry

    batches = LanguageModelEntry.model_validate({"batches": record.settings["batches"]}).batches
    data = SequenceData(database, seed=record.seed, batches=batches)
    if network.gate:
        assert isinstance(network.ngrams, NGramTable)
        data.companion = Companion(network.ngrams)
    return data


@contextmanager
def as_test_split(
    run: RunFolder,
    record: ModelRecord,
    network: "RecurrentLanguageModel",
    split: SplitText,
    end_fraction: float | None = None,
) -> "Iterator[SequenceData]":
    """Yield the batches of a database whose test split is a text, read as the `network` of this record was trained.

    Without an `end_fraction`, END is a target as often as in training.
    """
    from pipeline.store.building import Article, build
    from pipeline.words.words import offsets_of

    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "text.db"
        article = Article(1, "", "test", split.ids, offsets_of(split.lengths).to_numpy(), split.size)
        try:
            build(database, [article], run.vocabulary, run.end_fraction if end_fraction is None else end_fraction)
        except (OSError, sqlite3.OperationalError):
            raise UserError(f"{tempfile.gettempdir()}: is full; make room, or set TMPDIR to another folder") from None
        yield data_as_trained(database, record, network)


def draws_of(record: ModelRecord, data: "SequenceData", split: SplitText) -> "list[Draw] | Order":
    """Return how the text of `as_test_split` is read: as in a test, or each of its `fresh_lines` anew.

    A model of random rows starts anew at each sentence in any case.
    """
    if not split.fresh_lines or record.settings["batches"]["kind"] != "stream":
        return data.order("test")
    from pipeline.batches.lines import line_draws

    return line_draws(split.lengths, np.array([each.line for each in split.sentences]), data.sequences.end_fraction)


def text_figures(scores: Mapping[str, np.ndarray], targets: "Targets", counts: np.ndarray) -> dict[str, Any]:
    """Return the figures of a model's `scores` by prefix (all without one), and the perplexity of the unigram."""
    from pipeline.scores.figures import perplexity_figures, unigram_perplexity

    found = {
        f"{prefix}{name}": value if math.isfinite(value) else None  # JSON has no infinity
        for prefix, each in scores.items()
        for name, value in perplexity_figures(each, targets).model_dump(exclude_none=True).items()
        if not prefix or name in ("perplexity", "bits_per_byte", "word_perplexity")
    }
    return {**found, "unigram_perplexity": unigram_perplexity(counts, targets)}
