"""Measure any file of word vectors on every evaluation set, as the stage analogies does.

Example: wikilm evaluate my/vectors.bin --sets my/sets
"""

import argparse
from pathlib import Path
from typing import Any

from pipeline.run.errors import UserError
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import from_here
from wikilm.packed import find_packed, is_path, read_packed

COLUMNS = ("set", "figure", "known", "of", "result", "95% interval", "baseline")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "file",
        type=lambda given: from_here(given) if not given or is_path(given) or Path(given).is_file() else given,
        metavar="FILE",
        help="a file in word2vec's format (text, .bin, .gz) or of `wikilm pack`, or vectors that come with wikilm",
    )
    parser.add_argument("--sets", type=from_here, metavar="FOLDER", help="further sets, as `analogies.sets` names them")
    parser.add_argument(
        "--scale",
        choices=("centred", "raw"),
        help="of the vectors (default: centred; give raw for files of data/embeddings, which have their scale)",
    )


def evaluate(arguments: argparse.Namespace) -> Answer:
    """Return the figures of a file of vectors, with intervals and baselines."""
    from pipeline.vectors.evaluation.evaluate import evaluate
    from pipeline.vectors.evaluation.sets import evaluation_sets
    from pipeline.vectors.evaluation.wording import as_text, beside_rule, in_full, shown_interval
    from pipeline.vectors.exported import ExportedVectors
    from pipeline.vectors.scaling import scaled

    path = Path(arguments.file)
    scale: Any = arguments.scale or "centred"
    if path.suffix == ".npz" or not path.is_file():
        header, words, packed = read_packed(find_packed(arguments.file))
        if arguments.scale:
            raise UserError(f"{arguments.file}: is packed {header.scale}; leave out --scale")
        scale = header.scale
        exported = vectors = packed.astype("float32")
    else:
        from pipeline.vectors.word2vec_format import load_vectors

        words, vectors = load_vectors(path)
        exported = scaled(vectors, scale)
    sets = evaluation_sets(Path(arguments.sets) if arguments.sets else None, set(words))
    embeddings = ExportedVectors(words, exported, {"input": vectors}, "input", scale)
    results = evaluate(embeddings, [], sets)
    rows = []
    for row in results.suite:
        counts = f"{row.asked:,}", f"{row.of:,}"
        rows.append((row.set, row.figure, *counts, as_text(row), shown_interval(row) or "-", as_text(row, "baseline")))
    lines = table([COLUMNS, *rows], "<<>>>>>")
    for name, found in (("Google", results), ("BATS", results.bats)):
        if found and found.asked_test:
            lines.append(f"{name}: {in_full(found)}, {beside_rule(found.accuracy)}")
    told = results.model_dump(exclude_defaults=True)
    about = {key: told[key] for key in ("vocabulary_size", "dimensions", "scale", "suite")}
    accuracy = {name: found and found["accuracy"] for name, found in (("google", told), ("bats", told["bats"]))}
    return Answer({"file": str(path), **about, "accuracy": accuracy}, lines, f"{path}, {scale}")
