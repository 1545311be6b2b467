"""Write a model's vectors into a small file, which `--vectors` reads anywhere.

Example: wikilm pack embedding vectors/enwiki.npz --source "English Wikipedia, September 2018" --licence "CC BY-SA 4.0"
"""

import argparse
from pathlib import Path
from typing import Any

from pipeline.page.results import Results
from pipeline.run.errors import UserError
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_data, from_here
from wikilm.packed import SUFFIX, Packed, write_packed
from wikilm.run import Run

SECTIONS = {"extract", "tokens", "vocabulary", "index", "embeddings"}  # those that decide vectors, apart from models


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", metavar="NAME", help="an entry of models whose vectors are exported")
    parser.add_argument("file", type=from_here, metavar="FILE", help=f"the file to write; it ends in {SUFFIX}")
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
    from pipeline.vectors.accuracy import google_accuracy
    from pipeline.vectors.exported import read_embeddings
    from pipeline.vectors.scaling import quantised

    run, name, path = arguments.data, arguments.model, Path(arguments.file)
    if path.suffix != SUFFIX:
        raise UserError(f"{path}: a file of vectors must end in {SUFFIX}")
    if arguments.most < 1:
        raise UserError(f"--words is {arguments.most}; it must be at least 1")
    run.choose_vectors(name)
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
    write_packed(path, Packed(header, words, rounded))
    size = path.stat().st_size
    lines = table(
        [
            (str(path), f"{len(words):,} vectors of {vectors.shape[1]:,} values, {size / 1e6:.2f} MB"),
            ("analogies", f"{after['total']:.2%} of {after['asked']:,} right; {before['total']:.2%} before rounding"),
        ],
        "<<",
    )
    return Answer({"file": str(path), "bytes": size, "before": before, "header": header}, lines)


def training(run: Run, name: str) -> dict[str, Any]:
    """Return how a model was trained: the command, the settings, the seed, the CPU seconds if known, the figures.

    Raises `UserError` if its settings changed since.
    """
    run.require(f"models/{name}/model.json", f"train@{name}")  # not there while it is trained
    run.require(f"metrics/analogies/{name}.json", f"analogies@{name}")
    record = run.record(name)
    if record["settings"] != run.params.entry(name).model_dump():
        raise UserError(f"params.yaml: models.{name}: changed since it was trained; run `dvc repro analogies@{name}`")
    return {
        "command": f"dvc repro analogies@{name}",
        "parameters": run.params.model_dump(include=SECTIONS) | {"models": {name: record["settings"]}},
        "seed": record["seed"],
        "cpu_seconds": Results(run.path, {}).figures(f"train/{name}").get("cpu_seconds"),
        "figures": run.read(f"metrics/analogies/{name}.json"),
    }
