"""The vocabulary: which ids are words, and how often each id occurs in training.

START is 0 and END is 1; the words follow, the most frequent first; UNKNOWN is the last id. Words may also be pieces of
words: each kind of vocabulary is a class in `pipeline.store.vocabularies`, with all that differs between kinds.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from pipeline.run.tsv import write_table
from pipeline.store.scale import Scale

if TYPE_CHECKING:
    import pyarrow as pa
    from tokenizers import Tokenizer

START, END = 0, 1
SPECIAL = ("<|START|>", "<|END|>", "<|UNKNOWN|>")  # their names in files of tokenizers, and UNKNOWN's
TOKENIZER = "tokenizer.json"
UNKNOWN_MARK = "<unk>"  # how tokenized text spells UNKNOWN; in other text no word is spelled so
WORDS = slice(2, -1)  # the ids of words, as an index into an array with an entry for each id
AT_ONCE = 1000  # texts

WordCount = tuple[str, int]
Split = tuple["pa.DictionaryArray", np.ndarray]  # the words of rows, one after another, and the number of each row
Encoded = tuple[list[str], np.ndarray, np.ndarray]  # of rows: the words as they are shown, their ids, ids of each row


@dataclass(frozen=True)
class Vocabulary:
    """The word and the count of each id.

    A word may be spelled like START, END or UNKNOWN: recognize them by their ids. The words are what a tokenizer of
    Hugging Face's, given as the content of its file, cuts a text into. A kind says how the tokenizer is learnt.
    """

    entries: Sequence[WordCount]
    tokenizer: str = ""

    about: ClassVar[str]  # in docs/parameters.md
    marks: ClassVar[tuple[str, str, str]]  # the names of START, END and UNKNOWN; START's tells the kind of a file
    one: ClassVar[str]  # what an id stands for
    many: ClassVar[str]
    called: ClassVar[str]  # many, where a reader does not know yet what they are
    scale: ClassVar[Scale]  # bits per byte for learnt kinds without UNKNOWN, which give the text back
    fewest: ClassVar[tuple[int, str]] = (3, "")  # of `vocabulary.size`, and what they are
    files: ClassVar[tuple[str, ...]] = ("vocabulary.tsv", TOKENIZER)
    of_tokens: ClassVar[bool] = False  # the words are those of the stage tokens, which counts them
    has_unknown: ClassVar[bool] = True
    has_vectors: ClassVar[bool] = False
    shown: ClassVar[str] = '"{}"'  # a word in a list: a blank at its beginning is a part of it
    sql: ClassVar[str] = "group_concat(word, '')"  # the text of a row's words

    @classmethod
    def of(cls, frequent: Sequence[WordCount], *, rows: int, unknown: int, tokenizer: str = "") -> Self:
        """Return the vocabulary of the `frequent` words, for a text of so many `rows` and `unknown` words."""
        start, end, rare = cls.marks
        return cls([(start, rows), (end, rows), *frequent, (rare, unknown)], tokenizer)

    @staticmethod
    def learn(texts: Iterable[str], number: int) -> "Tokenizer":
        """Return a tokenizer with at most `number` words, learnt from texts; the same ones give the same words.

        Its unknown word, if it has one, is the last of `marks`. A model whose file has no ids by word, such as Unigram,
        also needs a `by_frequency` of its own.
        """
        raise NotImplementedError

    @classmethod
    def by_frequency(cls, tokenizer: "Tokenizer", counts: np.ndarray, rows: int) -> tuple[Self, np.ndarray]:
        """Return the vocabulary of a tokenizer for a text of so many rows, and each old id's new one.

        `counts` has how often each old id occurs.
        """
        content, rare = json.loads(tokenizer.to_str()), cls.marks[2]
        old = content["model"]["vocab"]
        words = sorted(old.keys() - {rare}, key=lambda word: (-counts[old[word]], word))
        content["model"]["vocab"] = ids = numbered(words, cls.marks)
        new = np.empty(len(old), np.uint32)
        new[list(old.values())] = [ids[word] for word in old]
        file = type(tokenizer).from_str(json.dumps(content)).to_str(pretty=True)
        counted = [(word, int(counts[old[word]])) for word in words]
        return cls.of(counted, rows=rows, unknown=int(counts[old[rare]]) if rare in old else 0, tokenizer=file), new

    def write(self, path: Path) -> None:
        """Write a table of id, word and count."""
        write_table(path, [{"id": id, "word": word, "count": count} for id, (word, count) in enumerate(self.entries)])

    def __repr__(self) -> str:
        return f"<wikilm vocabulary: {len(self) - 1:,} {self.many}>"

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
    def exported(self) -> list[str]:
        """The words as files of vectors spell them."""
        return self.words

    @property
    def unknown(self) -> int:
        """The id of UNKNOWN, which stands for every other word."""
        return len(self) - 1

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the words and the tokenizer: a file that holds it is of this vocabulary, not only of its size."""
        return hashlib.blake2b("\n".join(self.by_id).encode() + self.tokenizer.encode(), digest_size=8).hexdigest()

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """The type of ids: little-endian unsigned integers, 2 bytes wide while the vocabulary allows, else 4."""
        return np.dtype("<u2" if len(self) <= 2**16 else "<u4")

    @cached_property
    def _cuts(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        return Tokenizer.from_str(self.tokenizer)

    def tokenizer_file(self) -> str:
        """Return the content of a file of Hugging Face's tokenizers."""
        return self.tokenizer

    def encode(self, texts: Sequence[str], split: Callable[[], Split]) -> Encoded:
        """Return the ids of rows, given as texts and, by a call of `split`, as words."""
        ids, lengths = cut_texts(self._cuts, texts)
        shown = {id: self.text([id]) for id in set(ids.tolist())}
        return [shown[id] for id in ids.tolist()], ids.astype(self.dtype), lengths

    def starts(self, texts: Sequence[str]) -> np.ndarray:
        """Return where each id of texts begins in its text, in characters: int64 (ids,).

        Ids that share a letter, as some of its bytes, begin at it.
        """
        found = [
            start
            for first in range(0, len(texts), AT_ONCE)
            for encoding in self._cuts.encode_batch(texts[first : first + AT_ONCE], add_special_tokens=False)
            for start, _ in encoding.offsets
        ]
        return np.array(found, np.int64)

    def spelled(self, id: int) -> str:
        """Return an id as text."""
        return self.text([id])

    def text(self, ids: Iterable[int]) -> str:
        """Return ids as text, with a sign for what is not whole in UTF-8."""
        text: str = self._cuts.decode([id for id in ids if id >= WORDS.start], skip_special_tokens=False)
        return text

    def continued(self, prompt: Sequence[str], read: Sequence[int], drawn: Sequence[int]) -> str:
        """Return a prompt, given as it is shown and as ids, and the ids that follow it as text."""
        return self.text([*read, *drawn])

    def given_back(self, ids: Sequence[int]) -> tuple[str, list[str]] | None:
        """Return the text of a row of ids, and each id's part of it; None if only the article has that text."""
        return self.text(ids), [self.text([id]) for id in ids]


def numbered(words: Sequence[str], marks: tuple[str, str, str]) -> dict[str, int]:
    """Return the id of each word and each mark; a word that is spelled like a mark is a word."""
    start, end, unknown = marks
    ids = {start: START, end: END, unknown: len(words) + WORDS.start}
    return ids | {word: id for id, word in enumerate(words, WORDS.start)}


def cut_texts(tokenizer: "Tokenizer", texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids of all texts, one after another, and the number of ids of each."""
    found = [
        encoding.ids
        for start in range(0, len(texts), AT_ONCE)
        for encoding in tokenizer.encode_batch_fast(texts[start : start + AT_ONCE], add_special_tokens=False)
    ]
    lengths = np.fromiter(map(len, found), np.int64, len(found))
    return np.fromiter((id for ids in found for id in ids), np.uint32, int(lengths.sum())), lengths
