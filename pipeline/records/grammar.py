"""The report of the stage grammar: how often models prefer the good sentence of a pair, or pass an item of a suite."""

import pydantic

from pipeline.records.record import Record


class Accuracy(Record):
    """The mean accuracy over paradigms with the ends of its 95% interval over pairs, and how many pairs there are.

    A tie counts half; `ties` is their number.
    """

    accuracy: float
    low: float
    high: float
    pairs: int
    ties: int


class PairedLead(Record):
    """How far a model is ahead of another one, with the ends of the paired 95% interval."""

    lead: float
    low: float
    high: float


class GrammarFigures(Accuracy):
    """The figures of a model on a set: of all pairs, of each group by level, and its lead over others by name.

    `micro_accuracy` is the mean over pairs.
    """

    micro_accuracy: float
    groups: dict[str, dict[str, Accuracy]]
    leads: dict[str, PairedLead]


class ShownPair(Record):
    """A pair, and by how much models prefer its good sentence: the difference of logs of probabilities, in nats."""

    good: str
    bad: str
    groups: list[str]
    margins: dict[str, float]


class SetGrammar(Record):
    """The figures of models on a set; of pairs also the share with an UNKNOWN, and some that models judge differently.

    A set of suites has no pairs: an item of a suite counts as one.
    """

    kind: str
    unknown_share: float
    models: dict[str, GrammarFigures]
    shown: list[ShownPair] = pydantic.Field(default_factory=list)


class GrammarReport(Record):
    """`grammar.json`: the figures of each set by its name."""

    sets: dict[str, SetGrammar]
