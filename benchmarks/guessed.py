"""Guessed vectors of unknown words: `python -m benchmarks.guessed FILE --sets FOLDER`.

FILE is one of `wikilm pack`, or the name of vectors that come with wikilm; FOLDER is one as `analogies.sets` names it.
Only those of Google's questions count whose answer FILE has while it lacks one to three of the given words, and only
pairs of which it lacks one or both words. The baseline is spelling alone: the same guesses from what spelling predicts
of random vectors.
"""

import argparse
from itertools import chain
from pathlib import Path

import numpy as np

from pipeline.vectors.accuracy import kinds, right_by
from pipeline.vectors.evaluation.intervals import wilson
from pipeline.vectors.evaluation.sets import evaluation_sets
from pipeline.vectors.evaluation.similarity import PairSet, rank_correlation
from pipeline.vectors.questions import Question, google_questions
from pipeline.vectors.scaling import unit_length
from pipeline.vectors.space import VectorSpace
from pipeline.vectors.spelling import predicted, spelled, with_guessed
from wikilm.packed import find_packed, read_packed


def unknown(pairs: PairSet, known: VectorSpace) -> PairSet:
    """Return the pairs of which at least one word is unknown."""
    lacking = [pair for pair in pairs.pairs if not {pair.one, pair.other} <= known.index.keys()]
    return pairs._replace(pairs=lacking)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--sets", type=Path, help="folder of evaluation sets; gensim's are there without")
    arguments = parser.parse_args()
    _, words, vectors = read_packed(find_packed(arguments.file))
    known = VectorSpace(words, unit_length(vectors))
    drawn = np.random.default_rng(0).standard_normal(vectors.shape, np.float32)
    sets = [unknown(each, known) for each in evaluation_sets(arguments.sets, known.index).similarity]
    questions = [each for each in google_questions(known.index) if each.expected in known.index and known.missing(each)]
    pairs = ((pair.one, pair.other) for each in sets for pair in each.pairs)
    asked = list(chain.from_iterable([*pairs, *(each.given for each in questions)]))
    alone = VectorSpace(words, unit_length(predicted(words, drawn)))
    spaces = [with_guessed(space, asked) for space in (known, VectorSpace(words, spelled(words, known.unit)), alone)]
    questions = [each for each in questions if not spaces[0].missing(each)]
    print_questions(questions, spaces)
    print_pairs(sets, spaces)


def print_questions(questions: list[Question], spaces: list[VectorSpace]) -> None:
    """Print a row of a Markdown table for each kind of Google's questions."""
    print("| questions | asked | as they are | corrected by spelling | spelling alone |\n|---|---|---|---|---|")
    answered = [right_by("cosine", space, questions) for space in spaces]
    for kind, which in kinds(questions).items():
        asked = int(which.sum())
        right = [int(each[which].sum()) for each in answered]
        ends = [wilson(each, asked) for each in right]
        shown = [f"{each / asked:.1%} ({low:.1%} to {high:.1%})" for each, (low, high) in zip(right, ends, strict=True)]
        print(f"| {kind} | {asked:,} | {' | '.join(shown)} |")


def print_pairs(sets: list[PairSet], spaces: list[VectorSpace]) -> None:
    """Print a row of a Markdown table for each set of rated pairs."""
    print("\n| pairs | rated | as they are | corrected by spelling | spelling alone |\n|---|---|---|---|---|")
    for each in sets:
        found = [rank_correlation(space, each.pairs) for space in spaces]
        shown = [f"{own['spearman']:.3f} ({own['low']:.3f} to {own['high']:.3f})" for own in found]
        print(f"| {each.name} | {found[0]['known']:,} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
