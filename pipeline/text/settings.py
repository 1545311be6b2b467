"""The sections `extract` and `tokens`."""

from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Section

PHRASES = "phrases.txt"  # one phrase on each line, in the folder of tokens
JOINER = "_"  # between the words of a phrase


class Extract(Section):
    """How prose is extracted from wikitext."""

    templates: bool = Field(
        True, description="replace templates by the text that their definitions in the dump give, if the dump has them"
    )
    lists: bool = Field(False, description="keep list items as prose")
    disambiguation: Literal["drop", "keep"] = Field(
        "drop", description="what to do with pages that list the meanings of a name"
    )
    min_characters: PositiveInt = Field(1, description="articles with fewer characters of prose are dropped")
    page_seconds: PositiveFloat = Field(
        60, description="a page that takes more seconds to parse is dropped and reported"
    )


class Tokens(Section):
    """How prose is split into sequences of words."""

    unit: Literal["sentence", "paragraph", "line"] = Field(
        "sentence",
        description="the text that makes one sequence; `line`: each line of a text that is already tokenized, a blank "
        "one too; its words stand between blanks and stay as they are, and no other key here has an effect",
    )
    min_words: PositiveInt = Field(2, description="sequences with fewer words are dropped; kept marks count as words")
    lowercase: bool = Field(True, description="write words in lower case, by the rules of the wiki's language")
    punctuation: Literal["drop", "keep"] = Field(
        "drop", description="drop punctuation marks, or keep each as a word; those within a word, as in it's, stay"
    )
    digits: Literal["keep", "zero"] = Field("keep", description="keep numbers, or write each as the word 0")
    phrases: bool = Field(
        False,
        description="join two words that often occur together, such as new_york; gensim's Phrases finds them",
    )

    @property
    def fewest_words(self) -> int:
        """The fewest words of a sequence that is kept."""
        return 0 if self.unit == "line" else self.min_words

    @property
    def joins_phrases(self) -> bool:
        """Whether phrases are joined."""
        return self.phrases and self.unit != "line"
