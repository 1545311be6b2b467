"""Measure how often a language model prefers the good sentence of a minimal pair, or passes an item of SyntaxGym.

Example: wikilm grammar blimp --model enwiki-40m
"""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.run.errors import UserError
from pipeline.scores.wording import as_points
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.trained.files import TARGET_COUNTS
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_language_model, from_here
from wikilm.prediction import LanguageModel
from wikilm.run import Run

if TYPE_CHECKING:
    from pipeline.ngrams.table import NGramTable
    from pipeline.records.grammar import Accuracy, SetGrammar
    from pipeline.scores.grammar import Judged
    from pipeline.scores.minimal_pairs import MinimalPairs

HOW_COUNTED = (
    "accuracy: the mean over the smallest groups; a tie counts half; nothing is split into sentences or dropped"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "files",
        nargs="+",
        type=from_here,
        metavar="FILE",
        help="minimal pairs: BLiMP's .jsonl, or a .tsv with the columns of BLiMP, of MultiBLiMP, or good, bad and any "
        "to group by; or suites of SyntaxGym, .json, or .jsonl with one on each line; or a folder; each may end in .xz",
    )
    add_language_model(parser)
    parser.add_argument("--all", action="store_true", help="also measure the run's other language models")
    parser.add_argument("--mean", action="store_true", help="compare mean log-probabilities instead of sums")
    parser.add_argument("--no-end", action="store_true", help="leave out the probability that the sentence ends")
    parser.add_argument(
        "--pairs", type=from_here, metavar="FILE", help="write the scores of each pair into a .tsv file"
    )


def grammar(arguments: argparse.Namespace) -> Answer:
    """Return the accuracy of a language model on a set of minimal pairs or suites, by group."""
    model: LanguageModel = arguments.data.language_model(arguments.model)
    others = [*_others(arguments.data, model)] if arguments.all else []

    from pipeline.scores.grammar import UNIGRAM, figures, judge, scored_by
    from pipeline.scores.minimal_pairs import MinimalPairs
    from pipeline.scores.sets import read_set
    from pipeline.trained.learnt import before_sentence

    given = read_set([Path(file) for file in arguments.files])
    if not isinstance(given, MinimalPairs) and (arguments.pairs or arguments.mean or arguments.no_end):
        raise UserError(f"{arguments.files[0]}: suites have no pairs; leave out --pairs, --mean and --no-end")
    networks = {each.name: (each.network, before_sentence(each.record)) for each in (model, *others)}
    tables = dict(_tables(model))
    score = scored_by(networks, model.run.target_counts(model.name), tables)
    unknown = model.vocabulary.unknown if model.vocabulary.has_unknown else -1
    # Where END was never a target, no model has learnt its probability.
    ends = not arguments.no_end and model.run.end_fraction > 0
    judged = judge(given, model.rows, score, unknown, mean=arguments.mean, end=ends)
    if arguments.pairs and isinstance(given, MinimalPairs):
        _write(Path(arguments.pairs), given, judged)
    found = figures(judged, [UNIGRAM, *tables])
    rest = {name: own.model_dump() for name, own in found.models.items() if name != model.name}
    about = {"model": model.name, "files": arguments.files, "kind": found.kind, "unknown_share": found.unknown_share}
    data = {**about, **found.models[model.name].model_dump(), "beside": rest}
    return Answer(data, _lines(found, model), f"{model.name}{model.why}; {HOW_COUNTED}")


def _others(run: Run, model: LanguageModel) -> Iterator[LanguageModel]:
    if model.run is not run:
        raise UserError(f"{model.name}: is no model of {run.path}; leave out --all, or --model")
    for name, entry in run.params.models.items():
        trained = (run.path / f"models/{name}/{TARGET_COUNTS}").is_file()
        if entry.kind == "language_model" and name != model.name and trained:
            yield run.language_model(name)


def _tables(model: LanguageModel) -> "Iterator[tuple[str, NGramTable]]":
    """Yield the n-gram model that is beside a model, if there is one: the run's 5-gram, or that in the model's file."""
    from pipeline.ngrams.table import NGramTable
    from pipeline.scores.grammar import FIVEGRAM

    run = model.run
    if not run.packed:
        yield FIVEGRAM, run.ngrams(NGRAM_MODELS[-1])
    elif model.network.gate:
        assert isinstance(model.network.ngrams, NGramTable)
        yield f"{len(model.network.ngrams.levels)}-gram", model.network.ngrams


def _write(path: Path, pairs: "MinimalPairs", judged: "Judged") -> None:
    """Write each pair with its groups and, for each model, the log-probabilities of both sentences."""
    from pipeline.run.tsv import write_table

    both = [("good", 0), ("bad", 1)]
    scores = {f"{name} {which}": own[at] for name, own in judged.scores.items() for which, at in both}
    columns = {**pairs.groups, "good": pairs.good, "bad": pairs.bad}
    texts = [[" ".join(str(cell).split()) for cell in column] for column in columns.values()]
    numbers = [[format(value, ".6f") for value in np.asarray(own).tolist()] for own in scores.values()]
    names = [*columns, *scores]
    write_table(path, [dict(zip(names, row, strict=True)) for row in zip(*texts, *numbers, strict=True)])


def _lines(found: "SetGrammar", model: LanguageModel) -> list[str]:
    (name, first), *others = found.models.items()
    what = "pairs" if found.kind == "pairs" else "items"
    rows = [("", "", name, "95% interval", what, "ties", *(other for other, _ in others))]

    def add(level: str, group: str, own: "Accuracy", rest: "Iterable[Accuracy]") -> None:
        counts = f"{own.low:.1%} to {own.high:.1%}", f"{own.pairs:,}", f"{own.ties:,}"
        rows.append((level, group, f"{own.accuracy:.1%}", *counts, *(f"{each.accuracy:.1%}" for each in rest)))

    add("all", "", first, (own for _, own in others))
    for level, groups in first.groups.items():
        for group, own in groups.items():
            add(level, group, own, (each.groups[level][group] for _, each in others))
    lines = table(rows, "<<" + ">" * (len(rows[0]) - 2))
    lines += [f"{name} - {other}: {as_points(own)}" for other, own in first.leads.items()]
    lines.append(f"{first.micro_accuracy:.1%} of all {what}, whatever their group")
    if model.vocabulary.has_unknown:
        lines.append(f"{found.unknown_share:.1%} of the {what} have an UNKNOWN")
    return lines
