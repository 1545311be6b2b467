"""The sections of the text stages: `wiki`, `extract`, `tokens`, `vocabulary` and `index`."""

import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import pydantic
from pydantic import Field, PositiveInt, WrapValidator

from pipeline.run.section import Fraction, NonEmpty, Proper, Section, Url, matching
from pipeline.store.vocabularies import KINDS
from pipeline.store.vocabulary import Vocabulary

Project = Annotated[str, matching(r"^[a-z][a-z0-9_]*$", "a wiki's database name, such as enwiki or simplewiki")]
# A code has two or three letters, except Wikimedia's `simple`: `turkish` would get the rules of no language.
LanguageCode = Annotated[str, matching(r"^([a-z]{2,3}|simple)(-[a-z0-9]+)*$", "a language code such as tr or zh-yue")]


class Columns(Section):
    """The columns of articles in JSON Lines and Parquet, by default those of Hugging Face's wikimedia/wikipedia."""

    id: NonEmpty | None = Field("id", description="no such column, or ids that are not numbers: articles are numbered")
    title: NonEmpty | None = Field("title", description="no such column: articles have no title")
    text: NonEmpty = Field("text", description="prose, one paragraph on each line")


class Wiki(Section):
    """The text that is read: a Wikipedia dump, or text of your own."""

    source: NonEmpty = Field(
        "sample",
        description="`sample`, `dumps` (downloads a dump), the path or glob of your own dump files (.xml, .bz2, .gz) "
        "or prose (.txt with a paragraph a line and blank lines between articles, .jsonl, .parquet), or the folder of "
        "a corpus with its own splits (.txt or .tokens files named for train, valid and test)",
    )
    project: Project = Field("simplewiki", description="for `dumps`: the wiki, such as enwiki, dewiki or ltgwiki")
    date: str = Field("2026-07-01", description="for `dumps`: a date that `wikilm dumps WIKI` lists, in quotes")
    files: PositiveInt | None = Field(
        None, description="for `dumps`: read only this many files, from the first (the book's n_files); blank: all"
    )
    language: LanguageCode | None = Field(
        None, description="the code of the text's language, such as tr; blank: the language of the dump, or en"
    )
    columns: Columns = Field(Columns(), description="for .jsonl and .parquet: the names of the columns")
    mirror: Url = Field("https://dumps.wikimedia.org", description="for `dumps`: the server")
    layout: Literal["content", "legacy"] = Field(
        "content",
        description="for `dumps`: how the server names its files; `legacy`: as before 2026, still used by mirrors",
    )

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _be_a_date(cls, value: Any) -> Any:
        # YAML reads an unquoted date as a date, which DVC refuses without a hint, or as a number.
        if isinstance(value, datetime.date | int) and not isinstance(value, bool):
            raise ValueError(f"must be in quotes: '{value}'")
        if isinstance(value, str):
            try:
                datetime.date.fromisoformat(value)
            except ValueError:
                raise ValueError("must be a date such as '2026-07-01'; `wikilm dumps` lists them") from None
        return value


class Extract(Section):
    """How prose is extracted from wikitext."""

    templates: bool = Field(
        True, description="replace templates by the text that their definitions in the dump give, if the dump has them"
    )
    lists: bool = Field(False, description="keep list items as prose")
    disambiguation: Literal["drop", "keep"] = Field(
        "drop", description="what to do with pages that list the meanings of a name"
    )


class Tokens(Section):
    """How prose is split into sequences of words."""

    unit: Literal["sentence", "paragraph", "line"] = Field(
        "sentence",
        description="the text that makes one sequence; `line`: each line of a text that is already tokenized, a blank "
        "one too; its words stand between blanks and stay as they are, and no other key here has an effect",
    )
    min_words: PositiveInt = Field(
        2, description="sequences with fewer words are dropped, but none of subwords; kept marks count as words"
    )
    lowercase: bool = Field(True, description="write words in lower case, by the rules of the wiki's language")
    punctuation: Literal["drop", "keep"] = Field(
        "drop", description="drop punctuation marks, or keep each as a word, where those within words, as in it's, stay"
    )
    digits: Literal["keep", "zero"] = Field("keep", description="keep numbers, or write each as the word 0")

    @property
    def fewest_words(self) -> int:
        """The fewest words of a sequence that is kept."""
        return 0 if self.unit == "line" else self.min_words


if TYPE_CHECKING:
    VocabularyKind = str
else:
    # A kind may also be added while the program runs.
    added = WrapValidator(lambda kind, check: kind if kind in [*KINDS] else check(kind))
    VocabularyKind = Annotated[Literal[tuple(KINDS)], added]


class VocabularySection(Section, title="Vocabulary"):
    """The vocabulary of all models."""

    kind: VocabularyKind = Field("words", description=", or ".join(kind.about for kind in KINDS.values()))
    size: Annotated[int, Field(ge=3, lt=2**32 - 1)] = Field(
        2000,
        description="number of words: START, END and the most frequent words, without UNKNOWN (the book's n_vocab)"
        + "".join(f"; of {kind.many}, at least {kind.fewest[0]}" for kind in KINDS.values() if kind.fewest[1]),
    )

    @property
    def chosen(self) -> type[Vocabulary]:
        """The class of the kind."""
        return KINDS[self.kind]

    @pydantic.model_validator(mode="after")
    def _be_large_enough(self) -> Self:
        fewest, what = self.chosen.fewest
        if self.size < fewest:
            raise ValueError(f"size is {self.size}; {self.kind} need at least {fewest}: {what}")
        return self


class Index(Section):
    """The splits of sequences.db, by whole articles, and which ENDs are targets."""

    valid_fraction: Proper = Field(
        0.15,
        description="share of the text held out for validation, at most about 5 million words; "
        "text with its own splits keeps them",
    )
    test_fraction: Proper = Field(
        0.15,
        description="share of the text held out for testing, at most about 5 million words; "
        "text with its own splits keeps them",
    )
    end_fraction: Fraction = Field(
        1.0, description="share of sequences whose END is a target; the book draws one in a hundred"
    )

    @pydantic.model_validator(mode="after")
    def _leave_some_to_train_on(self) -> Self:
        if self.valid_fraction + self.test_fraction >= 1:
            raise ValueError("valid_fraction + test_fraction must be below 1")
        return self
