"""Write a model's vectors into a small file, which `--vectors` reads anywhere, or a language model of pieces.

Example: wikilm pack embedding vectors/enwiki.npz --source "English Wikipedia, September 2018" --licence "CC BY-SA 4.0"
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from pipeline.page.results import Results
from pipeline.records.models import ModelRecord
from pipeline.records.vectors import PackedHeader
from pipeline.run.errors import UserError
from pipeline.settings.params import PARAMS
from pipeline.trained.files import GATED_BY, MOST_NGRAMS
from wikilm import packed_model
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_data, from_here
from wikilm.packed import NPZ, Packed, write_packed
from wikilm.prediction import LanguageModel
from wikilm.run import Run
from wikilm.scoring import data_as_trained

DECISIVE = {"extract", "tokens", "vocabulary", "index", "embeddings"}  # those that decide vectors, apart from models


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", metavar="NAME", help="an entry of models")
    ends = f"{NPZ}, or, for a language model, in {packed_model.ZIP}"
    parser.add_argument("file", type=from_here, metavar="FILE", help=f"the file to write; it ends in {ends}")
    parser.add_argument("--source", required=True, metavar="TEXT", help="the text that the vectors are trained on")
    parser.add_argument("--licence", required=True, metavar="TEXT", help="the licence of that text")
    parser.add_argument(
        "--words",
        type=int,
        default=10_000,
        dest="most",
        metavar="N",
        help="the number of most frequent words (default: 10000)",
    )
    add_data(parser)


def pack(arguments: argparse.Namespace) -> Answer:
    """Write the vectors of a model, and return the file's header and the accuracy before rounding to 8 bits."""
    if not arguments.data.sequences.vocabulary.has_vectors:
        return pack_model(arguments.data, arguments.model, Path(arguments.file), arguments)
    from pipeline.vectors.accuracy import google_accuracy
    from pipeline.vectors.exported import read_embeddings
    from pipeline.vectors.scaling import quantised

    run, name, path = arguments.data, arguments.model, Path(arguments.file)
    if path.suffix == packed_model.ZIP:
        raise UserError(
            f"{PARAMS}: vocabulary.kind is {run.params.vocabulary.kind}: only a language model on pieces of words is "
            f"packed as {packed_model.ZIP}; its vectors go into a file that ends in {NPZ}"
        )
    if path.suffix != NPZ:
        raise UserError(f"{path}: a file of vectors must end in {NPZ}")
    if arguments.most < 1:
        raise UserError(f"--words is {arguments.most}; it must be at least 1")
    run.choose_vectors(name)
    if stale := run.stale(name):
        raise UserError(f"{name}: {stale}")
    exported, asked = read_embeddings(run.path / "embeddings" / name), run.params.embeddings
    if exported.scale != asked.scale or ("output" in exported.matrices and exported.chosen != asked.vectors):
        raise UserError(f"params.yaml: embeddings: changed since {name} was exported; run `dvc repro analogies@{name}`")
    words, vectors = exported.words[: arguments.most], exported.vectors[: arguments.most]
    rounded = quantised(vectors)
    before, after = google_accuracy(words, vectors), google_accuracy(words, rounded)
    header = {
        "name": path.stem,
        "source": arguments.source,
        "licence": arguments.licence,
        "vectors": exported.chosen,
        "scale": exported.scale,
        **training(run, name),
        "packed": after,
    }
    write_packed(path, Packed(PackedHeader.model_validate(header), words, rounded))
    size = path.stat().st_size
    told = f"{after['total']:.2%} of all {after['asked']:,} right; {before['total']:.2%} before rounding"
    vectors_told = f"{len(words):,} vectors of {vectors.shape[1]:,} values, {size / 1e6:.2f} MB"
    lines = table([(str(path), vectors_told), ("analogies", told)], "<<")
    return Answer({"file": str(path), "bytes": size, "before": before, "header": header}, lines)


def pack_model(run: Run, name: str, path: Path, given: argparse.Namespace) -> Answer:
    """Write a language model on pieces of words; return its bits per byte, before and after rounding to 8 bits."""
    from pipeline.scores.figures import perplexity_figures
    from pipeline.scores.model_scores import score_split
    from pipeline.scores.targets import read_targets

    if path.suffix != packed_model.ZIP:
        raise UserError(f"{path}: a file of a language model must end in {packed_model.ZIP}")
    # An error if it was trained with another vocabulary.
    model = LanguageModel(run, run.choose_language_model(name).name)
    if model.record.settings[GATED_BY] and not model.record.settings[MOST_NGRAMS]:
        raise UserError(
            f"{name}: has all n-grams, too many for a small file; train it with {MOST_NGRAMS}: 800000 or so"
        )
    _ = model.network
    about = {"source": given.source, "licence": given.licence, "command": f"dvc repro train@{name}"}
    with tempfile.TemporaryDirectory() as scratch:
        packed_model.write_model(first := Path(scratch) / path.name, run, name, about)
        rounded = packed_model.PackedRun(first).network(path.stem)
        data = data_as_trained(run.sequences.path, model.record, rounded)
        scores = score_split(name, rounded, data, "test")
    after = perplexity_figures(scores, read_targets(run.sequences, "test")).bits_per_byte
    before = run.figures(f"train/{name}")["test_bits_per_byte"]
    about |= {"before": before, "after": after}
    packed_model.write_model(path, run, name, about)
    told = f"{after:.4f} on the test split; {before:.4f} before rounding"
    lines = table([(str(path), f"{path.stat().st_size / 1e6:.2f} MB"), ("bits per byte", told)], "<<")
    return Answer({"file": str(path), "bytes": path.stat().st_size, **about}, lines)


def training(run: Run, name: str) -> dict[str, Any]:
    """Return how a model was trained: the command, the settings, the seed, the CPU seconds if known, the figures.

    Raises `UserError` if its settings changed since.
    """
    record = ModelRecord.read(run.require(f"models/{name}/model.json", f"train@{name}"))  # not there in training
    run.require(f"metrics/analogies/{name}.json", f"analogies@{name}")
    if record.settings != run.params.entry(name).model_dump():
        raise UserError(f"params.yaml: models.{name}: changed since it was trained; run `dvc repro analogies@{name}`")
    return {
        "command": f"dvc repro analogies@{name}",
        "parameters": run.params.model_dump(include=DECISIVE) | {"models": {name: record.settings}},
        "seed": record.seed,
        "cpu_seconds": Results(run.path, {}).figures(f"train/{name}").get("cpu_seconds"),
        "figures": run.figures(f"analogies/{name}"),
    }
