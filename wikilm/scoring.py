"""The perplexity of a text, measured as the stage train measures it on the test split."""

import math
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.records.models import ModelRecord
from pipeline.records.text import WikiRecord
from pipeline.run.archives import read_tensors
from pipeline.run.errors import UserError
from pipeline.store.scale import SCALES
from wikilm.run_folder import RunFolder, check_text

if TYPE_CHECKING:
    from models.language_model import RecurrentLanguageModel
    from pipeline.batches.rows import SequenceData
    from pipeline.scores.targets import Targets
    from pipeline.store.vocabulary import Vocabulary


class SplitText(NamedTuple):
    """A text as the pipeline reads it: its words, their ids, the lengths of its sequences, how many were too short.

    Of a text in pieces `size` has the bytes and the words.
    """

    words: list[str]
    ids: np.ndarray
    lengths: np.ndarray
    too_short: int
    size: tuple[int, int] | None = None


class Surprisal(NamedTuple):
    """How little a word of a text was expected: -log2 of its probability, and its rank among all ids, from 1 on.

    A word that the model does not know has the figures of UNKNOWN. `sequence` counts the sentences, from 1 on.
    """

    sequence: int
    word: str
    unknown: bool
    bits: float
    rank: int


def score(
    run: RunFolder,
    name: str,
    record: ModelRecord,
    network: "RecurrentLanguageModel",
    split: SplitText,
    dynamic: bool,
) -> dict[str, Any]:
    """Return the figures of a text, measured with the `network` of the model `name`, whose `record` is given."""
    from pipeline.scores.dynamic_evaluation import dynamic_scores
    from pipeline.scores.model_scores import score_split
    from pipeline.scores.targets import read_targets
    from pipeline.trained.files import GRADIENTS
    from pipeline.trained.learnt import as_torch

    counts = run.target_counts(name)
    with as_test_split(run, record, network, split) as data:
        scores = {"": score_split("score", network, data, "test")}
        if dynamic:
            rms, rate = as_torch(read_tensors(run.path / "models" / name / GRADIENTS)), record.dynamic_evaluation or 0.0
            scores["dynamic_"] = dynamic_scores("score", network, data, "test", rms, rate)
        measured = text_figures(scores, read_targets(data.sequences, "test"), counts)
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
    run: RunFolder, record: ModelRecord, network: "RecurrentLanguageModel", split: SplitText
) -> "Iterator[SequenceData]":
    """Yield the batches of a database whose test split is a text, read as the `network` of this record was trained."""
    from pipeline.store.building import Article, build
    from pipeline.words.words import offsets_of

    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "text.db"
        article = Article(1, "", "test", split.ids, offsets_of(split.lengths).to_numpy(), split.size)
        try:
            build(database, [article], run.vocabulary, run.end_fraction)
        except (OSError, sqlite3.OperationalError):
            raise UserError(f"{tempfile.gettempdir()}: is full; make room, or set TMPDIR to another folder") from None
        yield data_as_trained(database, record, network)


def surprisals(
    run: RunFolder, record: ModelRecord, network: "RecurrentLanguageModel", split: SplitText
) -> list[Surprisal]:
    """Return the surprisal of each word of a text, in order, by the `network` of a model with this `record`."""
    import torch

    from models.batch import IGNORED
    from pipeline.scores.model_scores import read_batches

    places = len(split.ids) + len(split.lengths)  # an END follows each sequence
    bits, ranks = np.empty(places), np.empty(places, int)
    with as_test_split(run, record, network, split) as data, torch.no_grad():
        for read in read_batches("score", network, data, data.order("test")):
            counts, contexts = read.batch.targets != IGNORED, read.batch.ngram_contexts
            logits = network.logits(read.hidden[counts], None if contexts is None else contexts[counts])
            ids = read.batch.targets[counts][:, None]
            own = logits.gather(1, ids)
            bits[read.places] = (logits.logsumexp(1) - own[:, 0]).numpy() / math.log(2)
            ranks[read.places] = ((logits > own).sum(1) + 1).numpy()
    ends = np.cumsum(split.lengths + 1) - 1
    sequence = np.repeat(np.arange(1, len(split.lengths) + 1), split.lengths)
    unknown = split.ids == run.vocabulary.unknown
    columns = (sequence, unknown, np.delete(bits, ends), np.delete(ranks, ends))
    rows = zip(split.words, *(column.tolist() for column in columns), strict=True)
    return [Surprisal(place, word, known, *figures) for word, place, known, *figures in rows]


def split_as_run(run: RunFolder, text: str, called: str, vocabulary: "Vocabulary") -> SplitText:
    """Split a text, a paragraph on each line, as the stages tokens and index do; errors name it as `called`."""
    from pipeline.words.sentences import paragraphs_of, split_text
    from pipeline.words.shards import clean_text
    from pipeline.words.words import only_long, split_words

    check_text(text)
    wiki = run.wiki or WikiRecord.read(run.require("articles.json", "extract"))
    settings, language = run.params.tokens, wiki.language
    text = "\n".join(paragraphs_of(clean_text(text).removesuffix("\n"), settings.unit))
    rows = list(split_text(text, settings.unit, language))
    words, lengths = split_words(rows, language, settings)
    words, kept = only_long(words, lengths, settings.fewest_words if vocabulary.of_tokens else 0)
    shown, ids, own = vocabulary.encode(rows, lambda: (words, lengths[kept]))
    if not text.strip() or not len(ids):
        least = f"has no {settings.unit} of {settings.fewest_words or 1} or more words"
        raise UserError(f"{called}: {least if vocabulary.of_tokens else 'is empty'}")
    size = len(text.encode()), max(1, int(lengths.sum()))
    return SplitText(shown, ids, own, int(np.count_nonzero(lengths[~kept])), size if vocabulary.scale.columns else None)


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
