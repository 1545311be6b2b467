"""The vocabulary: which ids are words, and how often each id occurs.

START is 0 and END is 1; the words follow, the most frequent first; UNKNOWN is the last id.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.run.errors import reading
from pipeline.run.tsv import read_table, write_table
from pipeline.store.joining import join_words

if TYPE_CHECKING:
    from tokenizers import Tokenizer

START, END = 0, 1
NAMES = ("START", "END", "UNKNOWN")
MARKS = ("<|START|>", "<|END|>", "<|UNKNOWN|>")  # their names in a vocabulary of pieces; no piece is spelled so
BLANK = "Ġ"  # at the beginning of a piece
TOKENIZER = "tokenizer.json"
UNKNOWN_MARK = "<unk>"  # how tokenized text spells UNKNOWN; in other text no word is spelled so
WORDS = slice(2, -1)  # the ids of words, as an index into an array with an entry for each id

WordCount = tuple[str, int]


@dataclass(frozen=True)
class Vocabulary:
    """The word and the count of each id.

    With `tokens.lowercase: false` or `tokens.unit: line` a word may be spelled like START, END or UNKNOWN: recognize
    them by their ids. Pieces of words need the content of their `tokenizer`'s file.
    """

    entries: Sequence[WordCount]
    tokenizer: str = ""

    @classmethod
    def of(cls, frequent: Sequence[WordCount], *, rows: int, unknown: int, marks: Sequence[str] = NAMES) -> Self:
        """Return the vocabulary of the `frequent` words, for a text of so many `rows` and `unknown` words.

        `marks` are the names of START, END and UNKNOWN.
        """
        return cls([(marks[0], rows), (marks[1], rows), *frequent, (marks[2], unknown)])

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the vocabulary that `write` wrote; one of pieces with the file of its tokenizer next to it."""
        _, words, counts = read_table(path, {"id": int, "word": str, "count": int}, stage="vocabulary")
        found = cls(list(zip(words, counts, strict=True)))
        if not found.in_pieces:
            return found
        with reading(path.with_name(TOKENIZER)):
            return replace(found, tokenizer=path.with_name(TOKENIZER).read_text(encoding="utf-8"))

    def write(self, path: Path) -> None:
        """Write a table of id, word and count."""
        write_table(path, [{"id": id, "word": word, "count": count} for id, (word, count) in enumerate(self.entries)])

    def __len__(self) -> int:
        """Return V, the number of ids."""
        return len(self.entries)

    @cached_property
    def by_id(self) -> list[str]:
        """The word of each id, with START, END and UNKNOWN."""
        return [word for word, _ in self.entries]

    @property
    def words(self) -> list[str]:
        """The words, the most frequent first, without START, END and UNKNOWN."""
        return self.by_id[WORDS]

    @property
    def in_pieces(self) -> bool:
        """Whether the words are pieces of words, of which every text consists."""
        return self.by_id[START] == MARKS[START]

    @property
    def unknown(self) -> int:
        """The id of UNKNOWN, which stands for every other word."""
        return len(self) - 1

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the words and the tokenizer: a file that holds it is of this vocabulary, not only of its size."""
        return hashlib.blake2b("\n".join(self.by_id).encode() + self.tokenizer.encode(), digest_size=8).hexdigest()

    @cached_property
    def _cuts(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        return Tokenizer.from_str(self.tokenizer)

    def cut(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of the pieces of all texts, one after another, and the number of pieces of each."""
        from pipeline.store.subwords import encode

        ids, lengths = encode(self._cuts, texts)
        return ids.astype(self.dtype), lengths

    def text(self, ids: Iterable[int]) -> str:
        """Return ids as text: pieces as what they were cut from, with a sign for what is not whole in UTF-8."""
        if not self.in_pieces:
            return join_words(self.by_id[id] for id in ids)
        text: str = self._cuts.decode([id for id in ids if id >= WORDS.start], skip_special_tokens=False)
        return text

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """The type of ids: little-endian unsigned integers, 2 bytes wide while the vocabulary allows, else 4."""
        return np.dtype("<u2" if len(self) <= 2**16 else "<u4")

    def remap(self, words: Iterable[str] | pa.StringArray) -> np.ndarray:
        """Return the id of each of the `words`, UNKNOWN's for a word that the vocabulary lacks.

        For the words of a shard this is the book's old-to-new mapping: `new = remap[old]`.
        """
        places = pc.index_in(pa.array(words, pa.string()), value_set=pa.array(self.words, pa.string()))
        ids = pc.fill_null(pc.add(places, WORDS.start), self.unknown)
        new: np.ndarray = ids.to_numpy(zero_copy_only=False).astype(self.dtype)
        return new
