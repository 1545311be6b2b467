"""Outputs of two models with vectors of known offsets, for the page in a browser."""

import base64
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipeline.page.perplexities import NGRAM_LABELS
from pipeline.run.outputs import write_json
from tests.page.conftest import (
    ask,
    write_account,
    write_curves,
    write_frequencies,
    write_language_model,
    write_times,
    write_vectors,
)

LONG = "a" + 159 * "h"
ROYAL = {
    "king": [4, 0, 0, 0], "queen": [4, 3, 0, 0], "man": [0, 0, 3, 0], "woman": [0, 3, 3, 0], "<b>": [0, 0, 0, 3],
    LONG: [0, 0, 0, -3],  # alone, so that it names a cluster of the map
}  # fmt: skip
LEFT_OUT = "lastly"  # the vocabulary's last word, which the page does not hold: king - man + <b>
MARKS = ["-", ",", "1,000"]  # words where punctuation is kept
TYPED = ["שלום", "עולם", "istanbul", "ılık", "Ada", "é"]
HELD = [*ROYAL, *(f"word{number}" for number in range(79)), *TYPED, *MARKS]
WORDS = [*HELD, LEFT_OUT]
MODELS = ("gru", "2016")  # JavaScript sorts keys of digits alone before others


def decoded(coded: Mapping[str, str]) -> np.ndarray:
    """A matrix of 8-bit values as the page's script reads it."""
    largest = np.frombuffer(base64.b64decode(coded["largest"]), "<f4")[:, None]
    return np.frombuffer(base64.b64decode(coded["shares"]), "i1").reshape(len(largest), -1) * (largest / 127)


def vectors(seed: int) -> np.ndarray:
    """Vectors of all words: true offsets of the royal ones and the last, the others drawn by chance."""
    others = np.random.default_rng(seed).normal(size=(len(HELD) - len(ROYAL), 4))
    return np.vstack([np.array(list(ROYAL.values()), float), others - [2, 2, 2, 0], [4, 0, -3, 3]])


def write_outputs() -> None:
    """Write what two models and the stages before them leave, in the working folder."""
    Path("questions").mkdir()
    Path("questions/book.txt").write_text("man king woman queen\nman king <b> lastly\n", encoding="utf-8")
    perplexities = [90.0, 45.0, 30.0, 22.5]
    for seed, name in enumerate(MODELS):
        write_vectors(name, WORDS, vectors(seed))
        ask(name)
        write_curves(name, train_perplexity=perplexities, valid_perplexity=perplexities)
        write_language_model(name)
        write_times(f"train/{name}", tokens_per_second=9.0, seconds=1.0)
    figures = {"vocabulary_size": 7, "valid_perplexity": 4.0, "test_perplexity": 4.0, "test_accuracy": 0.5}
    for name in NGRAM_LABELS:
        write_json(Path(f"data/metrics/baselines/{name}.json"), figures)
    compared = {"test_perplexity_low": 3.5, "test_perplexity_high": 4.5, "test_known_perplexity": 1999.5}
    compared |= {"test_known_accuracy": 0.125, "ratio": 1.016, "ratio_low": 0.981, "ratio_high": 1.039}
    rows = dict.fromkeys((*MODELS, *NGRAM_LABELS, "mixture"), figures | compared)
    weights = {"mixture": {"gru": 0.618, "fivegram_kneser_ney": 0.382}}
    write_json(Path("data/reports/perplexities.json"), {"best": MODELS[0], "rows": rows, "weights": weights})
    for name in MODELS:
        write_json(Path(f"data/models/{name}/sentences.json"), {"seed": 1, "sentences": [LONG, "שלום <b>", ""]})
    write_json(Path("data/metrics/extract.json"), {"pages": 200, "articles": 50, "characters": 12_345})
    Path("data/articles").mkdir()
    write_account(**{"in": 200, "kept": 50, "dropped": {"redirect": 150}})
    (poems := Path("data/poems")).mkdir()
    dropped = dict.fromkeys(("duplicate", "wordless", "no_verse"), 0)
    poet = {"poems": 1, "stanzas": 2, "in": 8, "kept": 8, "dropped": dropped}
    write_json(poems / "stats.json", {"source": "sample", "poets": {"ada": {**poet, "told_apart_by": "poem"}}})
    write_frequencies(dict.fromkeys(range(len(WORDS), 0, -1), 1))
