"""The records of word vectors."""

from pydantic import ConfigDict

from pipeline.records.record import Record


class CodedMatrix(Record):
    """A matrix in 8 bits: the `largest` magnitude of each row, float32, and all values as `shares` of it, in base64."""

    largest: str
    shares: str


class WordMap(Record):
    """The most frequent words of a model, of so many that are `known`, with their vectors, and a map of the first ones.

    `places` are two lists, x and y; `clusters` has a digit for each word, and `names` a text for each cluster.
    """

    name: str
    known: int
    words: list[str]
    vectors: CodedMatrix
    places: list[list[int]]
    clusters: str
    names: list[str]


class Lead(Record):
    """The ends of the interval by which a model's accuracy exceeds the best one's; None with too few word pairs."""

    low: float | None
    high: float | None


class ComparedVectors(Record):
    """`vectors.json`: the best model, the lead of each other that was asked the same, and what the page holds.

    The best model's map is the first. `others` are models of which the page holds none.
    """

    best: str | None
    leads: dict[str, Lead]
    maps: list[WordMap]
    others: list[str]


class PackedHeader(Record):
    """`header.json` of packed vectors: their name, their text and its licence, the matrix and the scale.

    It also keeps how they were trained and measured, for readers: wikilm needs no other key.
    """

    model_config = ConfigDict(extra="allow")

    name: str
    source: str
    licence: str
    vectors: str
    scale: str
