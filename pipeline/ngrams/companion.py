"""The n-grams of a network with a gate: counted in training text, with what they give to each word of that text."""

from collections.abc import Sequence

import numpy as np

from pipeline.ngrams.leave_out import chances_without_own_article
from pipeline.ngrams.markov import kneser_ney
from pipeline.ngrams.ngram_counts import SortedText, text_of
from pipeline.ngrams.pruned import counted_by_worth, pruned
from pipeline.ngrams.rounded import rounded
from pipeline.ngrams.table import NGramTable
from pipeline.ngrams.text import text_of_runs
from pipeline.run.errors import UserError
from pipeline.store.runs import row_ids
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import START

NO_ROW = np.iinfo(np.int64).max  # an id that no row has
FEW = 50  # words of the text for each n-gram that is kept, at least
MOST_COUNTED = 50_000_000  # in which n-grams are counted; they take some 80 bytes of memory each while they are counted


class Companion:
    """N-grams, and the logs of the probabilities that training text has by the n-grams of other articles."""

    def __init__(self, table: NGramTable) -> None:
        self.table = table
        self.ids = self.starts = np.array([NO_ROW])  # of counted rows, and where the places of each begin
        self.logs = np.zeros(0, np.float32)  # of each place: the words of a row, then its END

    def of_rows(self, ids: Sequence[int], rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the logs at each place of rows, laid end to end, and the contexts there, if any row was not counted.

        float32 (places,) and int64 (places, order - 1). The `ids` of the rows say which were counted.
        """
        lengths = np.array([len(row) for row in rows], np.int64)
        at = np.searchsorted(self.ids, ids)
        own = self.ids[at] == ids
        ends = np.cumsum(lengths + 1)
        starts = self.starts[at] - ends + lengths + 1
        places = np.repeat(starts, lengths + 1) + np.arange(lengths.sum() + len(lengths))
        if own.all():
            return self.logs[places], None
        text = text_of(np.concatenate(rows), lengths)
        chances, contexts = self.table.read(text)
        with np.errstate(divide="ignore"):  # of END where it is never a target
            logs = np.log(chances[text != START])
        own = np.repeat(own, lengths + 1)
        logs[own] = self.logs[places[own]]
        return logs, contexts[text != START]


def count_companion(sequences: Sequences, order: int, most: int | None, key: str) -> Companion:
    """Count the n-grams of the training split, and score each of its articles by the n-grams of the others.

    Of a longer text, articles that have at most `MOST_COUNTED` words are counted. If only the `most` n-grams are kept,
    they are so few that an article's own hardly matter: each is scored by all. Raises `UserError`, which names the
    model's `key`, where there is no other article, or where the `most` are not few.
    """
    runs = sequences.runs("train")
    articles = articles_of(runs)
    words = np.bincount(articles, runs["words"])
    drawn = np.random.default_rng(0).permutation(len(words))
    drawn = drawn[np.cumsum(words[drawn]) <= MOST_COUNTED]
    if len(drawn) < 2:
        raise UserError(
            f"params.yaml: {key}.ngram_order is {order}: n-grams of training text are those of other articles, and "
            f"only {len(drawn)} can be counted (of at most {MOST_COUNTED:,} words in all); give more, or set it to 0"
        )
    runs = runs[np.isin(articles, drawn)]
    text = text_of_runs(sequences, runs)
    if most and most > len(text) / FEW:
        raise UserError(
            f"params.yaml: {key}.most_ngrams is {most:,}; of {len(text):,} words it must be at most "
            f"{len(text) // FEW:,}, so that a text's own n-grams hardly count; or leave it blank to keep all"
        )
    rows = np.flatnonzero(text == START)
    owners = np.repeat(np.repeat(articles_of(runs), runs["rows"]), np.diff(rows, append=len(text)))
    ordered = SortedText(text, order, len(sequences.vocabulary))
    if most:
        model = pruned(ordered, counted_by_worth(ordered, owners, order), most, sequences.end_fraction)
        found = Companion(NGramTable(rounded(model.levels, model.bits), model.bits, model.end_fraction))
        chances, _ = found.table.read(text)
    else:
        chances = chances_without_own_article(ordered, owners, order, sequences.end_fraction)
        model = kneser_ney(ordered, order, sequences.end_fraction)
        found = Companion(NGramTable(model.levels, model.bits, model.end_fraction))
    with np.errstate(divide="ignore"):  # of END where it is never a target
        found.logs = np.log(chances[text != START])
    found.ids = np.append(row_ids(runs), NO_ROW)
    found.starts = np.append(rows - np.arange(len(rows)), 0)
    return found


def articles_of(runs: np.ndarray) -> np.ndarray:
    """Return the number of the article of each run, from 0 on, uint32."""
    number: np.ndarray = np.cumsum(np.diff(runs["article_id"], prepend=runs["article_id"][:1]) != 0, dtype=np.uint32)
    return number
