"""How little the words of a text were expected.

A word's probability is that of its pieces, times the chance of what may end it there (a piece that begins with a blank,
or END), divided by that chance before its first piece: the blank that ends a word belongs to it (Pimentel and Meister
2024, "How to Compute the Probability of a Word"; Oh and Schuler 2024, "Leading Whitespaces of Language Models'
Subword Vocabulary Pose a Confound for Calculating Word Probabilities").
"""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.records.models import ModelRecord
from pipeline.store.vocabulary import END, WORDS
from wikilm.cutting import SplitText
from wikilm.places import read_places
from wikilm.run_folder import RunFolder

if TYPE_CHECKING:
    from models.language_model import RecurrentLanguageModel
    from pipeline.store.vocabulary import Vocabulary

GATE_PARTS = "network", "ngrams", "gate"  # the columns of models with a gate
END_OF_SENTENCE = "END"  # the word of its row, which has the length 0


class Surprisal(NamedTuple):
    """A word of a text, or a piece, or the END of a sentence, and how little it was expected.

    `line` and `sentence` are counted from 1 on through the text, `number` from 1 on through the sentence. `start` is
    the word's first character in its line, from 0 on, `length` its number of characters. `surprisal` is in bits; None
    if the model reads nothing of the word. `entropy` is that of the model's next piece before the word, in bits.
    `log_frequency` is log2 of the word's share of the training words, where the model has words and the word occurs. An
    `unknown` word has the surprisal of UNKNOWN. `rank` is the place of a piece among all by probability, from 1 on.

    Of a model with a gate `network` and `ngrams` are the surprisal by each part alone, and `gate` is the weight of the
    n-grams before the word.
    """

    line: int
    sentence: int
    number: int
    word: str
    start: int
    surprisal: float | None
    entropy: float | None
    length: int
    pieces: int
    log_frequency: float | None
    unknown: bool
    rank: int | None = None
    network: float | None = None
    ngrams: float | None = None
    gate: float | None = None


class Surprisals(NamedTuple):
    """The words of a text, and the surprisal of the text in bits, with the END of each sentence, and of its ENDs."""

    rows: list[Surprisal]
    total_bits: float
    end_bits: float

    def table(self, *more: str) -> list[dict[str, Any]]:
        """Return the rows by column: those that all models have, `more`, and those of a gate where there is one."""
        shown = [*Surprisal._fields[: -len(Surprisal._field_defaults)], *more]
        shown += GATE_PARTS if any(row.gate is not None and row.gate < 1 for row in self.rows) else ()
        return [{name: getattr(row, name) for name in shown} for row in self.rows]


class Row(NamedTuple):
    """A word of a text, or the END of a sentence, as it is in the text."""

    line: int
    sentence: int
    number: int
    word: str
    start: int
    length: int


class Cut(NamedTuple):
    """A text, the rows that its surprisals are told by, and how each place of the text belongs to them.

    Places are the ids of each sentence and then its END. `owners` (places,) are numbers of rows; the places of a row
    follow one another. `parted` (places,) says before which places a blank, or END, ended the word before.
    """

    split: SplitText
    rows: list[Row]
    owners: np.ndarray
    parted: np.ndarray


def score_cut(
    run: RunFolder, record: ModelRecord, model: "RecurrentLanguageModel", cut: Cut, *, leading_blank: bool = False
) -> Surprisals:
    """Return the surprisals of a text's rows by a `model` with this `record`.

    With a `leading_blank` a word's probability is that of its pieces alone, with the blank before it.
    """
    places = read_places(run, record, model, cut.split)
    parted = np.flatnonzero(cut.parted & (not leading_blank))
    spent = [by_row(cut, bits, ends, parted) for bits, ends in zip(places.bits, places.ends, strict=True)]
    sizes = np.bincount(cut.owners, minlength=len(cut.rows))
    first = np.zeros(len(cut.rows), int)
    begins = np.flatnonzero(np.diff(cut.owners, prepend=-1))
    first[cut.owners[begins]] = begins
    ids = np.insert(cut.split.ids.astype(int), np.cumsum(cut.split.lengths), END)
    unknown = np.bincount(cut.owners, ids == run.vocabulary.unknown, len(cut.rows)) > 0

    def shown(values: np.ndarray, where: np.ndarray) -> list[Any]:
        """Return values as Python's, with None in other rows than `where`."""
        return [value if own else None for value, own in zip(values.tolist(), where.tolist(), strict=True)]

    gated = (sizes > 0) & (len(spent) > 1)
    network, ngrams = spent[1:] or spent * 2
    counted = np.zeros(len(run.vocabulary), bool)
    counted[WORDS] = run.vocabulary.of_tokens
    columns = (
        *(shown(own, sizes > 0) for own in (spent[0], places.entropy[first])),
        [row.length for row in cut.rows],
        sizes.tolist(),
        shown(log_frequencies(run.vocabulary)[ids[first]], (sizes == 1) & counted[ids[first]]),
        unknown.tolist(),
        shown(places.rank[first].astype(int), sizes == 1),
        *(shown(own, gated) for own in (network, ngrams, places.gate[first])),
    )
    rows = [Surprisal(*row[:5], *own) for row, *own in zip(cut.rows, *columns, strict=True)]
    ends = [own.surprisal or 0 for own in rows if own.word == END_OF_SENTENCE and not own.length]
    return Surprisals(rows, float(places.bits[0].sum()), math.fsum(ends))


def by_row(cut: Cut, bits: np.ndarray, ends: np.ndarray, parted: np.ndarray) -> np.ndarray:
    """Return the surprisal of each row in bits from those of the places, and the `ends` before the places `parted`."""
    number, owners = len(cut.rows), cut.owners
    moved = ends[parted]
    spent: np.ndarray = np.bincount(owners, bits, number)
    spent += np.bincount(owners[parted - 1], moved, number) - np.bincount(owners[parted], moved, number)
    return spent


def log_frequencies(vocabulary: "Vocabulary") -> np.ndarray:
    """Return log2 of the share that each id has in the training words, (V,)."""
    counts = np.array([count for _, count in vocabulary.entries], float)
    with np.errstate(divide="ignore"):
        found: np.ndarray = np.log2(counts / counts[WORDS.start :].sum())
    return found
