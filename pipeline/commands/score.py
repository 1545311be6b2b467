"""Measure the perplexity of a text with a language model."""

import argparse
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.commands.answer import Answer, table
from pipeline.commands.run_folder import COUNTS, RunFolder, add_data
from pipeline.run.console import UserError
from pipeline.run.outputs import read_json
from pipeline.text.settings import Tokens
from pipeline.training.settings import AT_TEST

if TYPE_CHECKING:
    import pyarrow as pa
    from torch import Tensor

    from models.language_model import LanguageModel
    from pipeline.batches.rows import SequenceData
    from pipeline.store.vocabulary import Vocabulary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "file", metavar="FILE", help="UTF-8 text with a paragraph a line, split as the run's was; - for stdin"
    )
    add_data(parser)
    parser.add_argument("--model", metavar="NAME", help="default: the one of the lowest validation perplexity")
    for method, called in AT_TEST.items():
        parser.add_argument(
            f"--{method}", action="append_const", dest="at_test", const=method, help=f"measure also with {called}"
        )


class Text(NamedTuple):
    """A text as the pipeline reads it: the ids of its tokens, the lengths of its sequences, how many were too short."""

    ids: np.ndarray
    lengths: np.ndarray
    too_short: int


def score(arguments: argparse.Namespace) -> Answer:
    """Return the perplexity of a text, measured as the stage train measures it on the test split."""
    run: RunFolder = arguments.data
    name, why = run.choose_language_model(arguments.model)
    chosen = read_chosen(run, name, arguments.at_test or [])
    sequences, settings = run.sequences(), run.params.tokens
    language = read_json(run.require("articles/stats.json", "extract"))["language"]
    text = read_text(arguments.file, settings, language, run.phrases, sequences.vocabulary)
    model, counts = run.language_model(name, len(sequences.vocabulary)), read_counts(run, name)

    from pipeline.batches.rows import SequenceData
    from pipeline.store.sequences import Article, build
    from pipeline.text.splitting.words import offsets_of
    from pipeline.training.learnt import read_gradients
    from pipeline.training.settings import LanguageModel as Settings

    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "text.db"
        # As the only article of a test split, the text is read as that split is.
        article = Article(1, arguments.file, "test", text.ids, offsets_of(text.lengths).to_numpy())
        build(database, [article], sequences.vocabulary, sequences.end_fraction)
        record = run.record(name)
        batches = Settings.model_validate(record["settings"]).batches
        data = SequenceData(database, seed=record["seed"], batches=batches)
        gradients = read_gradients(run.path / "models" / name) if "dynamic" in chosen else {}
        measured = measure(model, data, counts, chosen, gradients)
    unknown = int(np.count_nonzero(text.ids == sequences.vocabulary.unknown))
    found: dict[str, Any] = {
        "file": arguments.file,
        "model": name,
        "unit": settings.unit,
        "sequences": len(text.lengths),
        "too_short": text.too_short,
        "tokens": len(text.ids),
        "unknown": unknown,
        "unknown_share": unknown / len(text.ids),
        "end_fraction": sequences.end_fraction,
        "ends": measured["targets"] - len(text.ids),
        **measured,
        "test_perplexity": run.read(f"metrics/train/{name}.json").get("test_perplexity"),
    }
    return Answer(found, _lines(found), f"{name}{why}")


def read_text(file: str, settings: Tokens, language: str, phrases: "pa.StringArray", vocabulary: "Vocabulary") -> Text:
    """Read a text (`-`: from stdin), a paragraph a line, and split it as the stages tokens and index do."""
    from pipeline.text.splitting.phrases import join_phrases
    from pipeline.text.splitting.sentences import split_text
    from pipeline.text.splitting.words import only_long, split_words

    name = "stdin" if file == "-" else file
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{file}: not found; give the name of a text file, or - for stdin") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{name}: is not UTF-8 text: {error.reason} at byte {error.start:,}") from None
    words, lengths = split_words(list(split_text(text.removesuffix("\n"), settings.unit, language)), language, settings)
    words, kept = only_long(words, lengths, settings.fewest_words)
    if not len(words):
        raise UserError(f"{name}: has no {settings.unit} of {settings.fewest_words or 1} or more words")
    too_short = int(np.count_nonzero(lengths[~kept]))
    words, lengths = join_phrases(words, lengths[kept], phrases)
    return Text(vocabulary.remap(words.dictionary)[words.indices.to_numpy()], lengths, too_short)


def read_counts(run: RunFolder, model: str) -> np.ndarray:
    """Return how often each word id was a target in the model's training."""
    path = run.path / "models" / model / COUNTS
    try:
        counts: np.ndarray = np.load(path)
    except (ValueError, EOFError) as error:
        raise UserError(f"{path}: is damaged ({error}); run `dvc repro --force train@{model}`") from None
    return counts


def read_chosen(run: RunFolder, model: str, methods: Sequence[str]) -> dict[str, Any]:
    """Return the hyperparameters that training chose for each of these methods of `at_test`."""
    chosen = run.record(model).get("at_test", {})
    if missing := [method for method in dict.fromkeys(methods) if method not in chosen]:
        listed = ", ".join([*chosen, *missing])
        raise UserError(
            f"--{missing[0]}: training chose nothing for it; set models.{model}.at_test to [{listed}] and "
            f"models.{model}.batches to stream, and run `dvc repro train@{model}`"
        )
    return {method: chosen[method] for method in dict.fromkeys(methods)}


def measure(
    model: "LanguageModel",
    data: "SequenceData",
    counts: np.ndarray,
    chosen: Mapping[str, Any],
    gradients: Mapping[str, "Tensor"],
) -> dict[str, Any]:
    """Return the perplexity and the accuracy on a test split, and the perplexity of the unigram model of `counts`.

    Of each method in `chosen`, which has its hyperparameters, also the perplexity; `gradients` are for the dynamic one.
    """
    from pipeline.scoring.figures import perplexity, unigram_scores
    from pipeline.scoring.score import score_split
    from pipeline.scoring.targets import read_targets
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


def _lines(found: Mapping[str, Any]) -> list[str]:
    tested = f"; {found['test_perplexity']:.1f} on the test split" if found["test_perplexity"] else ""
    short = f"; {found['too_short']:,} shorter dropped" if found["too_short"] else ""
    ends = f"of {found['sequences']:,} are targets, drawn as in training (index.end_fraction {found['end_fraction']})"
    rows = [
        ("perplexity", _perplexity(found["perplexity"]), f"of {found['model']}{tested}"),
        *(
            ("", _perplexity(found[f"{method}_perplexity"]), f"with {called}")
            for method, called in AT_TEST.items()
            if f"{method}_perplexity" in found
        ),
        (
            "unigram",
            f"{found['unigram_perplexity']:,.1f}",
            "by word frequencies in training, on the same targets",
        ),
        ("accuracy", f"{found['accuracy']:.1%}", "of the targets ranked first"),
        ("tokens", f"{found['tokens']:,}", f"in {found['sequences']:,} {found['unit']}(s){short}"),
        ("UNKNOWN", f"{found['unknown_share']:.1%}", f"of the tokens ({found['unknown']:,}), a target like a word"),
        ("END", f"{found['ends']:,}", ends),
    ]
    return table(rows, "<><")


def _perplexity(value: float | None) -> str:
    return "infinite" if value is None else f"{value:,.1f}"
