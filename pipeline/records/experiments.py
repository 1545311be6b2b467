"""The reports of the smaller experiments: parity, and verse."""

from typing import Literal

from pydantic import ConfigDict, Field

from pipeline.records.figures import Number
from pipeline.records.record import Record

Mark = Literal["poem", "stanza", "heading"]  # that ends a poem
KeptWhole = Literal["poems", "stanzas"]


class NetFigures(Record):
    """What a kind of net has learnt, over all seeds. Only a recurrent net is tested on longer sequences."""

    hidden_sizes: list[int]
    parameters: int
    solved: int
    worst_accuracy: float
    longest_exact: int | None = None
    longest_worst: float | None = None
    restarted: int | None = None


class ParityReport(Record):
    """`parity.json`: the sequences, and what each kind of net has learnt."""

    bits: int
    seeds: int
    longest: int
    sequences: int
    test_sequences: int
    nets: dict[str, NetFigures]


class PoetStats(Record):
    """A poet's poems and stanzas, the lines that came `in`, were kept and dropped, and the mark that ends a poem."""

    poems: int
    stanzas: int
    lines: int = Field(alias="in")
    kept: int
    dropped: dict[str, int]
    told_apart_by: Mark


class VerseStats(Record):
    """`poems/stats.json`."""

    source: str
    poets: dict[str, PoetStats]


class LineCounts(Record):
    """How many lines of a poet are classified, and of how many poems."""

    lines: int
    poems: int


class ClassifierScores(Record):
    """A classifier's accuracy over the folds, its chosen settings, and lines by their poet and the predicted one."""

    accuracy: float
    accuracy_deviation: float
    chosen: dict[str, int]
    confusion: list[list[int]]


class FoldComparison(Record):
    """By how much the recurrent classifier's accuracy exceeds the best baseline's; None if by the same in all folds."""

    baseline: str
    mean: float
    p_value: float | None
    low: float | None
    high: float | None


class BookTest(Record):
    """The book's test: lines, those that it claims to have right, and how likely the classifier reaches that."""

    lines: int
    claimed: int
    reached: float


class ClassificationReport(Record):
    """`poetry_classification.json`; `held_out` names what a fold keeps whole."""

    poets: dict[str, LineCounts]
    folds: int
    repeats: int
    unit: str
    networks: int
    held_out: KeptWhole
    classifiers: dict[str, ClassifierScores]
    comparison: FoldComparison
    book: BookTest


class Novelty(Record):
    """How lines differ from those of a source.

    The length of the longest run of words, within a line, that a line of the source has, too; the share of 4-grams
    that the source lacks, None if no line has four words; the share of lines that the source has as a whole.
    """

    longest_run: int
    novel_4grams: float | None
    copied_lines: float


class MarkovFigures(Record):
    """A Markov model's figures on both held-out splits; here are those that every text has."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Number] = Field(init=False)

    valid_perplexity: float
    test_perplexity: float
    test_accuracy: float


class VerseFigures(MarkovFigures):
    """A poet's language model: how it learnt, its figures, and the novelty of what it has `written`."""

    best_epoch: int
    parameters: int
    curves: dict[str, list[float]]
    ratio: float
    seeds: int
    written: Novelty


class PoetReport(Record):
    """A poet's splits, the figures of the models, and stanzas of the model that writes."""

    poems: dict[str, int]
    lines: dict[str, int]
    vocabulary_size: int
    unknown_share: float
    test_targets: int
    best_baseline: str
    baselines: dict[str, MarkovFigures]
    models: dict[str, VerseFigures]
    held_out: Novelty
    stanzas: list[list[str]]


class GenerationReport(Record):
    """`poetry_generation.json`."""

    writer: str
    sampling: dict[str, Number]
    least_count: int
    novelty_lines: int
    poets: dict[str, PoetReport]
