"""The perplexity of a text, measured as the stage train measures it on the test split."""

import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.run.errors import UserError
from pipeline.run.outputs import read_array, read_json
from pipeline.settings.model_sections import AT_TEST
from pipeline.settings.text_sections import Tokens

if TYPE_CHECKING:
    import pyarrow as pa
    from torch import Tensor

    from models.language_model import LanguageModel as Network
    from pipeline.batches.rows import SequenceData
    from pipeline.store.vocabulary import Vocabulary
    from wikilm.prediction import LanguageModel


class SplitText(NamedTuple):
    """A text as the pipeline reads it: the ids of its tokens, the lengths of its sequences, how many were too short."""

    ids: np.ndarray
    lengths: np.ndarray
    too_short: int


def score(model: "LanguageModel", text: str, at_test: Sequence[str], called: str) -> dict[str, Any]:
    """Return the figures of a text with one paragraph on each line; errors name it as `called`."""
    run, name, record = model.run, model.name, model.record
    folder, sequences, vocabulary = run.path / "models" / name, run.sequences, model.vocabulary
    chosen, settings = read_chosen(model, at_test), run.params.tokens
    language = read_json(run.require("articles.json", "extract"))["language"]
    split = split_as_run(text, called, settings, language, run.phrases, vocabulary)
    network = model.network

    from pipeline.batches.rows import SequenceData
    from pipeline.settings.model_sections import LanguageModelEntry
    from pipeline.store.building import Article, build
    from pipeline.training.learnt import COUNTS, GRADIENTS, read_tensors
    from pipeline.words.words import offsets_of

    counts = read_array(folder / COUNTS, f"run `dvc repro --force train@{name}`")
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "text.db"
        # The text is the only article of a test split, so it is read in the same way.
        article = Article(1, called, "test", split.ids, offsets_of(split.lengths).to_numpy())
        build(database, [article], vocabulary, sequences.end_fraction)
        batches = LanguageModelEntry.model_validate({"batches": record["settings"]["batches"]}).batches
        data = SequenceData(database, seed=record["seed"], batches=batches)
        gradients = read_tensors(folder / GRADIENTS) if "dynamic" in chosen else {}
        measured = measure(network, data, counts, chosen, gradients)
    unknown = int(np.count_nonzero(split.ids == vocabulary.unknown))
    return {
        "model": name,
        "unit": settings.unit,
        "sequences": len(split.lengths),
        "too_short": split.too_short,
        "tokens": len(split.ids),
        "unknown": unknown,
        "unknown_share": unknown / len(split.ids),
        "end_fraction": sequences.end_fraction,
        "ends": measured["targets"] - len(split.ids),
        **measured,
        "test_perplexity": run.read(f"metrics/train/{name}.json").get("test_perplexity"),
    }


def split_as_run(
    text: str, called: str, settings: Tokens, language: str, phrases: "pa.StringArray", vocabulary: "Vocabulary"
) -> SplitText:
    """Split a text, a paragraph on each line, as the stages tokens and index do; errors name it as `called`."""
    from pipeline.words.phrases import join_phrases
    from pipeline.words.sentences import split_text
    from pipeline.words.shards import clean_text
    from pipeline.words.words import only_long, split_words

    text = clean_text(text).removesuffix("\n")
    words, lengths = split_words(list(split_text(text, settings.unit, language)), language, settings)
    words, kept = only_long(words, lengths, settings.fewest_words)
    if not len(words):
        raise UserError(f"{called}: has no {settings.unit} of {settings.fewest_words or 1} or more words")
    too_short = int(np.count_nonzero(lengths[~kept]))
    words, lengths = join_phrases(words, lengths[kept], phrases)
    return SplitText(vocabulary.remap(words.dictionary)[words.indices.to_numpy()], lengths, too_short)


def read_chosen(model: "LanguageModel", methods: Sequence[str]) -> dict[str, Any]:
    """Return the hyperparameters that training chose for each of these methods of `at_test`."""
    if isinstance(methods, str) or not set(methods) <= set(AT_TEST):
        raise UserError(f"at_test is {methods!r}; it must be a list of {' or '.join(AT_TEST)}, or of both")
    chosen = model.record.get("at_test", {})
    if missing := [method for method in dict.fromkeys(methods) if method not in chosen]:
        listed = ", ".join([*chosen, *missing])
        raise UserError(
            f"{missing[0]}: training chose nothing for it; set models.{model.name}.at_test to [{listed}] and "
            f"models.{model.name}.batches to stream, and run `dvc repro train@{model.name}`"
        )
    return {method: chosen[method] for method in dict.fromkeys(methods)}


def measure(
    model: "Network",
    data: "SequenceData",
    counts: np.ndarray,
    chosen: Mapping[str, Any],
    gradients: Mapping[str, "Tensor"],
) -> dict[str, Any]:
    """Return the perplexity and the accuracy on a test split, and the perplexity of the unigram model of `counts`.

    For each method in `chosen`, with its hyperparameters, also its perplexity; dynamic evaluation needs `gradients`.
    """
    from pipeline.scores.figures import perplexity, unigram_scores
    from pipeline.scores.model_scores import score_split
    from pipeline.scores.targets import read_targets
    from pipeline.training.at_test import adapted_scores

    targets = read_targets(data.sequences, "test")
    scores = score_split("score", model, data, "test")
    found = {"": scores} | {
        f"{method}_": adapted_scores(method, values, "score", model, data, scores, gradients)
        for method, values in chosen.items()
    }
    reached = {f"{prefix}perplexity": perplexity(each, targets) for prefix, each in found.items()}
    return {
        "targets": int(targets.counted.sum()),
        **{name: value if math.isfinite(value) else None for name, value in reached.items()},  # JSON has no infinity
        "accuracy": float(scores["right"][targets.counted].mean()),
        "unigram_perplexity": perplexity(unigram_scores(counts, targets), targets),
    }
