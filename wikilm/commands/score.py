"""Measure the perplexity of a text, or the surprisal of its words, with a language model."""

import argparse
import math
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.run.doors import MOST_TEXT, bounded_bytes, bounded_rest, utf8_text
from pipeline.run.errors import UserError
from pipeline.store.scale import BITS_PER_BYTE, scale_of
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_language_model, from_here
from wikilm.commands.tables import is_table, printed, read_words
from wikilm.given_words import WordTable
from wikilm.prediction import LanguageModel
from wikilm.surprisal import Surprisals

MOST_UNKNOWN = 0.5  # share of the words


class AsGiven(argparse.Action):
    """Reads words without quotes as one sentence; keeps a text and True, or `-` or a file's path and False.

    Of several files the paths are a list.
    """

    def __call__(self, parser: object, namespace: object, values: Any, option_string: str | None = None) -> None:
        if len(values) > 1 and all(map(os.path.isfile, values)):
            setattr(namespace, self.dest, ([from_here(file) for file in values], False))
            return
        given = " ".join(values)
        text = is_text(given, several=len(values) > 1 and not any(map(os.path.isfile, values)))
        setattr(namespace, self.dest, (given if text or given == "-" else from_here(given), text))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "file",
        nargs="+",
        action=AsGiven,
        metavar="FILE",
        help="UTF-8 text with one paragraph on each line, split in the same way as the run's text; - reads stdin; or a "
        "sentence; several files are measured each, and all together",
    )
    add_language_model(parser)
    parser.add_argument(
        "--lines", action="store_true", help="read each line from the initial state, as a list of items; drop none"
    )
    parser.add_argument("--whole", action="store_true", help="do not split a line into sentences")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dynamic", action="store_true", help="also measure with dynamic evaluation")
    what.add_argument(
        "--words",
        action="store_true",
        help="print the surprisal of each word in bits, as CSV; a table (.tsv) with a column `word` has it added",
    )
    what.add_argument("--pieces", action="store_true", help="print the surprisal of each piece of a word instead")
    parser.add_argument(
        "--leading-blank",
        action="store_true",
        help="with --words: a word's surprisal is the sum of its pieces', and the blank before it is a part of it",
    )


def score(arguments: argparse.Namespace) -> Answer:
    """Return the perplexity of a text, measured as the stage train measures it on the test split."""
    if arguments.leading_blank and not arguments.words:
        raise UserError("--leading-blank: is for the surprisals of words; add --words")
    model = arguments.data.language_model(arguments.model)
    file, as_text = arguments.file
    how: dict[str, Any] = {"lines": arguments.lines, "whole": arguments.whole}
    if isinstance(file, list):
        return score_files(arguments, model, file, how)
    text, how["called"] = (file, "the text") if as_text else read_given(file)
    if arguments.words or arguments.pieces:
        return surprisals(arguments, model, text, how)
    found = {"file": file, **model.score(text, dynamic=arguments.dynamic, **how)}
    return Answer(found, _lines(found), f"{model.name}{model.why}")


def surprisals(arguments: argparse.Namespace, model: LanguageModel, text: str, how: dict[str, Any]) -> Answer:
    """Return the surprisals of the words of a text, or of a table of words, or of a text's pieces."""
    found: Surprisals | WordTable
    if arguments.pieces:
        what, found = "pieces", model.surprisals(text, pieces=True, **how)
        rows = found.table("rank")
    elif is_table(text, how["called"]):
        table = read_words(text, how["called"])
        what, found = "table", model.add_surprisals(table, leading_blank=arguments.leading_blank, first_line=2, **how)
        rows = found.rows
    else:
        what, found = "words", model.surprisals(text, leading_blank=arguments.leading_blank, **how)
        rows = found.table()
    totals = {"model": model.name, "total_bits": found.total_bits, "end_bits": found.end_bits}
    return Answer(totals | {what: rows}, printed(rows, "\t" if what == "table" else ","), f"{model.name}{model.why}")


def score_files(arguments: argparse.Namespace, model: LanguageModel, files: list[str], how: dict[str, Any]) -> Answer:
    """Return the perplexity of each of several files, and of all as one text."""
    if arguments.words or arguments.pieces:
        raise UserError(f"--{'words' if arguments.words else 'pieces'} takes one file, not {len(files)}")
    texts = {file: read_given(file)[0] for file in files}
    texts["all"] = "\n".join(texts.values())
    found = [
        {"file": file, **model.score(text, dynamic=arguments.dynamic, called=file, **how)}
        for file, text in texts.items()
    ]
    lines = [line for each in found for line in (f"{each['file']}:", *_lines(each), "")]
    return Answer(found, lines[:-1], f"{model.name}{model.why}")


def read_given(file: str) -> tuple[str, str]:
    """Return the text of a file (`-`: of stdin) and its name in messages."""
    name = "stdin" if file == "-" else file
    if file == "-" and not sys.stdin:  # Python sets it to None
        raise UserError("stdin: is closed; give a text file, a sentence, or a text in stdin")
    try:
        raw = bounded_rest(sys.stdin.buffer, name, MOST_TEXT) if file == "-" else bounded_bytes(Path(file), MOST_TEXT)
        return utf8_text(raw, name), name
    except FileNotFoundError:
        raise UserError(f"{file}: not found; give a text file, a sentence, or - for stdin") from None


def is_text(given: str, *, several: bool) -> bool:
    """Return whether what a user gives is a text, and not the name of a file.

    A text is `several` words without quotes, or has an end mark, a letter outside ASCII, or a blank and no slash. It
    has no ending, such as .txt, and no file is called so.
    """
    try:
        named = Path(given).exists() or re.search(r"\.[a-z]{2,5}$", given)
    except OSError:  # too long for a name
        named = None
    marked = several or re.search(r"[.!?]$|[^\x00-\x7f]", given)
    return not named and bool(marked or (" " in given and "/" not in given))


def _lines(found: Mapping[str, Any]) -> list[str]:
    """Return the figures as aligned lines, after a warning if most words are UNKNOWN."""
    in_bits = scale_of(found, "") is BITS_PER_BYTE
    short = f"; {found['too_short']:,} shorter dropped" if found["too_short"] else ""
    unknown = f"of the tokens ({found['unknown']:,}), a target like a word"
    ends = f"of {found['sequences']:,} are targets, drawn as in training (index.end_fraction {found['end_fraction']})"
    rows = [
        *(_rows_in_bits(found) if in_bits else _rows_in_perplexity(found)),
        *(("accuracy", f"{own:.1%}", "of the targets ranked first") for own in [found["accuracy"]] if own is not None),
        ("tokens", f"{found['tokens']:,}", f"in {found['sequences']:,} {found['unit']}(s){short}"),
        *([] if in_bits else [("UNKNOWN", f"{found['unknown_share']:.1%}", unknown)]),
        ("END", f"{found['ends']:,}", ends),
    ]
    few = f"{found['unknown_share']:.1%} of the words are UNKNOWN to the model, so the figures say little of this text"
    return [few] * (found["unknown_share"] > MOST_UNKNOWN) + table(rows, "<><")


def _rows_in_perplexity(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    tested = f"; {found['test_perplexity']:.1f} on the test split" if found["test_perplexity"] else ""
    yield "perplexity", _perplexity(found["perplexity"]), f"of {found['model']}{tested}"
    if "dynamic_perplexity" in found:
        yield "", _perplexity(found["dynamic_perplexity"]), "with dynamic evaluation"
    known = _perplexity(found.get("known_perplexity", math.nan))
    yield "known words", known, "of the words alone, without UNKNOWN and END"
    yield "unigram", f"{found['unigram_perplexity']:,.1f}", "by word frequencies in training, on the same targets"


def _rows_in_bits(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    tested = f"; {found['test_bits_per_byte']:.3f} on the test split" if found["test_bits_per_byte"] else ""
    bits = "-" if found["bits_per_byte"] is None else f"{found['bits_per_byte']:.3f}"
    yield "bits per byte", bits, f"of {found['model']}{tested}"
    yield "perplexity", _perplexity(found["word_perplexity"]), "per word"
    if "dynamic_bits_per_byte" in found:
        yield "", f"{found['dynamic_bits_per_byte'] or math.inf:.3f}", "with dynamic evaluation"


def _perplexity(value: float | None) -> str:
    return "infinite" if value is None else "-" if math.isnan(value) else f"{value:,.1f}"
