"""`example.json` and `traced.json`: what the page follows through a run, and where it came from."""

from pipeline.records.record import Record

NEXT_WORDS = 5  # likeliest words after a beginning


class Beginning(Record):
    """How training rows begin: word ids, and their text."""

    ids: list[int]
    text: str


class Sentence(Record):
    """A row of the test split as `extract` wrote it, and its words, also those that the vocabulary lacks.

    `fits`: it is one of the lengths that are looked for, and not cut. `markup` is its wikitext.
    """

    title: str
    prose: str
    words: list[str]
    fits: bool
    markup: str | None = None


class Slider(Record):
    """The rank of each of the sentence's words, and for `sizes` of a vocabulary the per cent of the text it loses.

    `start` is the place of the vocabulary's own size.
    """

    ranks: list[int]
    sizes: list[int]
    lost: list[float]
    start: int


class Example(Record):
    """The `row` of the test split that is followed, its word `ids`, and the commonest beginnings of training rows.

    `place` is the row's first place in the scores of the split.
    """

    row: int
    place: int
    ids: list[int]
    beginnings: list[Beginning]


class Traced(Record):
    """The row back in its article: no model reads it. Without a `sentence` it was found in none."""

    sentence: Sentence | None = None
    vocabulary: Slider | None = None
