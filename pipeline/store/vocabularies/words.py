"""A vocabulary of whole words, the most frequent of the training articles."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.store.joining import join_words
from pipeline.store.scale import PERPLEXITY
from pipeline.store.vocabulary import SPECIAL, WORDS, Encoded, Split, Vocabulary, numbered

if TYPE_CHECKING:
    import pyarrow as pa


class Words(Vocabulary):
    """The most frequent words of the stage tokens, which cuts the text; UNKNOWN stands for every other word."""

    about = "the most frequent words of the training articles"
    marks = "START", "END", "UNKNOWN"
    one, many, called = "word", "words", "words"
    scale, files = PERPLEXITY, ("vocabulary.tsv",)
    of_tokens = has_vectors = True
    shown, sql = "{}", "group_concat(word, ' ')"

    def tokenizer_file(self) -> str:
        """Return the content of the file of a tokenizer of words between blanks, with the same ids."""
        from tokenizers import Tokenizer, models, pre_tokenizers

        tokenizer = Tokenizer(models.WordLevel(numbered(self.words, SPECIAL), unk_token=SPECIAL[2]))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        file: str = tokenizer.to_str(pretty=True)
        return file

    def encode(self, texts: Sequence[str], split: Callable[[], Split]) -> Encoded:
        words, lengths = split()
        return words.to_pylist(), self.remap(words.dictionary)[words.indices.to_numpy()], lengths

    def remap(self, words: "Iterable[str] | pa.StringArray") -> np.ndarray:
        """Return the id of each of the `words`, UNKNOWN's for a word that the vocabulary lacks.

        For the words of a shard this is the book's old-to-new mapping: `new = remap[old]`.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        places = pc.index_in(pa.array(words, pa.string()), value_set=pa.array(self.words, pa.string()))
        ids = pc.fill_null(pc.add(places, WORDS.start), self.unknown)
        new: np.ndarray = ids.to_numpy(zero_copy_only=False).astype(self.dtype)
        return new

    def text(self, ids: Iterable[int]) -> str:
        return join_words(self.by_id[id] for id in ids)

    def continued(self, prompt: Sequence[str], read: Sequence[int], drawn: Sequence[int]) -> str:
        """Words of the prompt that the vocabulary lacks stay as they are."""
        return join_words([*prompt, *(self.by_id[id] for id in drawn)])

    def given_back(self, ids: Sequence[int]) -> None:
        """Words have lost the capitals and marks of their text."""


KIND = Words
