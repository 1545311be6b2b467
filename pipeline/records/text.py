"""The records of the stages that read a text."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.records.record import Record
from pipeline.run.doors import MOST_WORD_LIST

FileKind = Literal["dump", "text", "jsonl", "parquet", "lines"]  # lines: a corpus with its own splits
LANGUAGE_CODE = r"^[A-Za-z0-9-]{1,64}$"  # a code; dumps write Latin Serbian sr-Latn


class File(Record):
    """A file that is read, its bytes and digests; where the source has its own splits, also the split that it holds."""

    path: str
    bytes: int
    sha1: str
    sha256: str | None = None
    url: str | None = None
    split: str | None = None


class Manifest(Record):
    """`raw/manifest.json`: what `download` wrote down. `columns` are those of JSON Lines and Parquet."""

    source: str
    language: str | None
    kind: FileKind
    columns: dict[str, str | None] = Field({})
    files: list[File] = Field(min_length=1)


class WikiRecord(Record):
    """Which text the articles are of: the part of `articles.json` that packed models have. `splits` are the shards'."""

    wiki: str
    language: Annotated[str, Field(pattern=LANGUAGE_CODE)]
    splits: list[str | None] | None = None


class TemplatesAccount(Record):
    """How many templates sentences had, by how they were read, and those that were dropped most often."""

    met: int
    by_definition: int
    by_name: int
    no_words: int
    dropped: int
    most_dropped: dict[str, int]


class ArticlesAccount(WikiRecord):
    """`articles.json`: what became of every page. `failed` has the ids of pages that errors lost."""

    pages: int = Field(alias="in")
    kept: int
    dropped: dict[str, int]
    bad_lines: list[str]
    failed: list[int]
    characters: int
    templates: TemplatesAccount


class TokensStats(Record):
    """`tokens/stats.json`: articles that came `in` and were kept, and what they hold. `splits` are the shards'."""

    articles: int = Field(alias="in")
    kept: int
    sequences: int
    tokens: int
    dropped: dict[str, int]
    splits: list[str | None] | None = None


class WordFrequencies(Record):
    """How many words of the training split are `distinct`, and how many of these occur `once`.

    For some `ranks` also the `counts` of their words, and the per cent of the split `covered` up to them.
    """

    distinct: int
    once: int
    ranks: list[int]
    counts: list[int]
    covered: list[float]


class VocabularyRecord(Record):
    """`vocabulary.json`: the kind of a vocabulary, each id's text, and how frequent all words of training are."""

    most_bytes = MOST_WORD_LIST

    kind: str
    texts: list[str]
    frequencies: WordFrequencies


class RemapStats(Record):
    """`remap/stats.json`: distinct words of training, `in` and kept, and the fingerprint of the vocabulary."""

    distinct: int = Field(alias="in")
    kept: int
    dropped: dict[str, int]
    vocabulary: str
