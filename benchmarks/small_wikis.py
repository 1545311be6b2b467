"""What a small wiki can expect, in bits per byte:

    python -m benchmarks.small_wikis FOLDER --english AA/articles AC/articles --wiki ltg ltg/articles

A whole wiki is split as params.yaml does it. Of English, articles with 50 thousand, 500 thousand and 5 million words
are drawn to train on, and others of another folder to validate and to test. A network alone, one with 5-grams through
a gate (`both`) and a Kneser-Ney 5-gram have the same pieces of words, learnt from the training split. The settings are
those of presets/small.yaml, for 500 thousand words with what `LARGER` changes, and of presets/subwords.yaml for 5
million; the stage train would train so. Figures are of the test split, means over seeds with their standard deviation;
intervals are over articles, those of differences paired. FOLDER has the databases and a file for each run: what is
there is not run again.
"""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch

from benchmarks.language_models import by_article, losses, reached, told
from benchmarks.measure import kept, parser_of, record
from benchmarks.pieces import build_pieces, drawn_texts, held_out_texts
from pipeline.learning.language_model import learn
from pipeline.run.outputs import whole_file
from pipeline.run.runtime import Runtime
from pipeline.scores.markov_scores import markov_model, score_by_markov
from pipeline.scores.targets import read_targets
from pipeline.settings.model_sections import LanguageModelEntry
from pipeline.settings.params import read_yaml
from pipeline.settings.text_sections import Index
from pipeline.store.sequences import HELD_OUT, Sequences
from pipeline.training.job import Job
from pipeline.training.language_model import data_of
from pipeline.words.splits import split_of
from wikilm.presets import PRESETS

FIVEGRAM = "fivegram_kneser_ney"
VALID_BYTES, TEST_BYTES = 250_000, 500_000  # of English articles
SMALL, SUBWORDS = (read_yaml(PRESETS / f"{name}.yaml")["models"]["gru"] for name in ("small", "subwords"))
LARGER = {"epochs": 5, "learning_rate": 0.006, "dropout": {"embedding": 0.1, "output": 0.3}}
LARGER |= {"batches": {"kind": "stream", "rows": 32}, "loss": {"kind": "adaptive", "cutoffs": [400, 1600]}}

Splits = Iterator[tuple[str, str, str]]


class Size(NamedTuple):
    """The number of words to train on and of pieces, the settings of a network, and the number of seeds of `both`."""

    words: float
    pieces: int
    settings: dict[str, Any]
    seeds_of_both: int = 3


SIZES = {
    "en50k": Size(5e4, 1_000, SMALL),
    "en500k": Size(5e5, 4_000, SMALL | LARGER, 1),
    "en5m": Size(5e6, 8_000, SUBWORDS, 0),
}


class Run(NamedTuple):
    """The training of a network on a database."""

    database: Path
    settings: dict[str, Any]
    seed: int


def whole_wiki(articles: Path) -> Splits:
    """Yield (split, title, text) of all articles of a wiki."""
    index = Index()
    for number, (title, text) in enumerate(drawn_texts(articles, float("inf"))):
        yield split_of(number, index.valid_fraction, index.test_fraction), title, text


def share(words: float, train: Path, held_out: Path) -> Splits:
    """Yield (split, title, text) of articles with so many words to train on, and of others."""
    for title, text in drawn_texts(train, float("inf")):
        if words <= 0:
            break
        yield "train", title, text
        words -= len(text.split())
    yield from held_out_texts(held_out, VALID_BYTES, TEST_BYTES)


def train(run: Run) -> dict[str, Any]:
    """Train in this process as the stage does; return the figures, and the bits and bytes of each article."""
    torch.set_num_threads(1)
    began, settings = time.process_time(), LanguageModelEntry.model_validate(run.settings)
    with TemporaryDirectory() as folder:
        job = Job("network", settings, run.seed, run.database, Path(folder) / "model", Runtime(), "train", "models.gru")
        learnt, _ = learn(job, data_of(job))
    found = {"cpu_seconds": time.process_time() - began, "valid": learnt.figures["valid_bits_per_byte"]}
    about = {**run._asdict(), "database": run.database.name}
    return {**about, **found, "articles": articles_of(run.database, learnt.scores)}


def count(database: Path) -> dict[str, Any]:
    """Count 5-grams; return the bits and bytes of each article."""
    sequences = Sequences(database)
    model = markov_model(sequences, FIVEGRAM, float("inf"), 1)
    return {"articles": articles_of(database, {split: score_by_markov(model, sequences, split) for split in HELD_OUT})}


def articles_of(database: Path, scores: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bits and bytes of each article by split."""
    sequences = Sequences(database)
    return {split: by_article(scores[split], read_targets(sequences, split)) for split in HELD_OUT}


def measured(name: str, database: Path, size: Size, seeds: int) -> dict[str, Any]:
    """Return the figures of a text by key: those of its models and their differences."""
    runs = database.parent / "runs"
    counted = losses([kept(runs / f"{name}-fivegram.json", count, database)], "test")
    figures: dict[str, Any] = {"fivegram": reached(*counted)}
    sums = {"fivegram": counted[0]}
    for model, order, most in (("network", 0, seeds), ("both", 5, min(seeds, size.seeds_of_both))):
        each_run = [Run(database, size.settings | {"ngram_order": order}, seed) for seed in range(1, 1 + most)]
        if not each_run:
            continue
        found = [kept(runs / f"{name}-{model}-{run.seed}.json", train, run) for run in each_run]
        sums[model], sizes, in_bits = losses(found, "test")
        each = [reached(*losses([run], "test"))[0] for run in found]
        figures |= {model: reached(sums[model], sizes, in_bits), f"{model}.sd": stdev(each) if len(each) > 1 else 0.0}
        figures |= {f"{model}.{key}": mean(run[key] for run in found) for key in ("cpu_seconds", "valid")}
        for other in [*sums][:-1]:
            figures[f"{model}-{other}"] = reached(sums[model] - sums[other], sizes, in_bits)
    return {f"{name}.{key}": value for key, value in figures.items()}


def main() -> None:
    """Print the figures; record them."""
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--english", nargs=2, type=Path, metavar="ARTICLES", help="folders to train on, and of others")
    parser.add_argument("--wiki", nargs=2, metavar=("CODE", "ARTICLES"), help="the language and folder of a whole wiki")
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=[*SIZES], help="of English (default: all)")
    parser.add_argument("--seeds", type=int, default=3, help="of networks (default %(default)s; 0: 5-grams alone)")
    parser.add_argument("--pieces", type=int, help="of each text, with a name of its own (default: as chosen)")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # of NumPy in the processes that start below
    texts = {}
    if arguments.wiki:
        code, articles = arguments.wiki
        texts[code] = whole_wiki(Path(articles)), code, SIZES["en50k"]
    if arguments.english:
        for name in arguments.sizes:
            texts[name] = share(SIZES[name].words, *arguments.english), "en", SIZES[name]
    found: dict[str, Any] = {}
    for name, (splits, language, size) in texts.items():
        if arguments.pieces:
            name, size = f"{name}.{arguments.pieces}", size._replace(pieces=arguments.pieces)
        if not (database := arguments.folder / f"{name}-{size.pieces}.db").exists():
            with whole_file(database) as path:
                build_pieces([*splits], size.pieces, language, path)
        for key, value in measured(name, database, size, arguments.seeds).items():
            print(f"{key}: {told(*value, digits=3) if isinstance(value, list) else f'{value:.3f}'}", flush=True)
            found[f"small.{key}"] = value
    record(arguments, found)


if __name__ == "__main__":
    main()
