"""What few n-grams know: `python -m benchmarks.few_ngrams DATABASE`.

DATABASE is a sequences.db of pieces. The 5-grams of its training split are counted (`--most-words`: of less of it). As
many are kept as occur 3, 10, 30, 100 or 300 times or more: those that do, or those that are worth most
(`pipeline.ngrams.pruned`), with exact or with rounded probabilities. Prints the bits per byte of the test split.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.measure import parser_of, record
from pipeline.ngrams.companion import articles_of
from pipeline.ngrams.markov import MarkovModel, kneser_ney
from pipeline.ngrams.ngram_counts import SortedText
from pipeline.ngrams.pruned import counted_by_worth, pruned, with_what_it_needs
from pipeline.ngrams.rounded import rounded
from pipeline.ngrams.text import text_of_runs
from pipeline.scores.figures import perplexity_figures
from pipeline.scores.markov_scores import score_by_markov
from pipeline.scores.targets import read_targets
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import START

ORDER, OCCURRENCES = 5, (3, 10, 30, 100, 300)


def measured(sequences: Sequences, most_words: float) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield how often n-grams occur that are kept, their number, and the bits per byte by how they are chosen."""
    runs = sequences.runs("train")
    runs = runs[: int(np.searchsorted(np.cumsum(runs["words"], dtype=np.int64), most_words, "right"))]
    text, targets = text_of_runs(sequences, runs), read_targets(sequences, "test")
    rows = np.flatnonzero(text == START)
    owners = np.repeat(np.repeat(articles_of(runs), runs["rows"]), np.diff(rows, append=len(text)))
    ordered = SortedText(text, ORDER, len(sequences.vocabulary))

    def bits(model: MarkovModel) -> float:
        found = perplexity_figures(score_by_markov(model, sequences, "test"), targets).bits_per_byte
        assert found is not None
        return found

    whole = kneser_ney(ordered, ORDER, sequences.end_fraction)
    yield 1, {"ngrams": whole.ngrams, "worth": bits(whole)}
    del whole
    counted = counted_by_worth(ordered, owners, ORDER)
    by_count = [each._replace(worth=np.where(np.isinf(each.worth), np.inf, each.counts)) for each in counted]
    for occurrences in OCCURRENCES:
        most = sum(int(mask.sum()) for mask in with_what_it_needs(by_count, occurrences)[1:])
        found = {"ngrams": most, "worth": bits(best := pruned(ordered, counted, most, sequences.end_fraction))}
        best.levels = rounded(best.levels, best.bits)
        found["rounded"] = bits(best)
        found["count"] = bits(pruned(ordered, by_count, most, sequences.end_fraction))
        yield occurrences, found


def main() -> None:
    """Print the figures; record them."""
    parser = parser_of(__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--most-words", type=float, default=float("inf"))
    arguments = parser.parse_args()
    figures: dict[str, float] = {}
    for occurrences, found in measured(Sequences(arguments.database), arguments.most_words):
        told = ", ".join(f"{how} {value:,.3f}".removesuffix(".000") for how, value in found.items())
        print(f"{occurrences:>4} times or more: {told}", flush=True)
        figures |= {f"few.{occurrences}.{how}": value for how, value in found.items()}
    record(arguments, figures)


if __name__ == "__main__":
    main()
