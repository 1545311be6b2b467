"""A vocabulary of pieces of words, by byte-level byte-pair encoding.

Byte-pair encoding is Sennrich, Haddow and Birch (2016), over bytes as in GPT-2. Every text is a row of pieces, which
are bytes: a piece that begins with a blank is spelled `Ġ`, as transformers does.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.store.scale import BITS_PER_BYTE
from pipeline.store.vocabulary import SPECIAL, Vocabulary

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BLANK = "Ġ"  # at the beginning of a piece
LONG_RUN = re.compile(r"(\S{1000})|\s{1000,}")  # learning takes time that is quadratic in its length


class Subwords(Vocabulary):
    """Pieces of words, of which every text consists."""

    about = (
        "pieces of words, of which every text consists (byte-level byte-pair encoding): nothing is UNKNOWN, and "
        "capitals, marks and blanks stay; for language models alone"
    )
    marks = SPECIAL  # no piece is spelled so
    one, many, called = "piece", "pieces", "pieces of words"
    fewest = 258, "START, END and 256 bytes"
    has_unknown, scale = False, BITS_PER_BYTE
    sql = f"replace(group_concat(word, ''), '{BLANK}', ' ')"

    @staticmethod
    def learn(texts: Iterable[str], number: int) -> "Tokenizer":
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        shorter = (LONG_RUN.sub(r"\1 ", text) for text in texts)
        trainer = trainers.BpeTrainer(vocab_size=number, initial_alphabet=alphabet, show_progress=False)
        tokenizer.train_from_iterator(shorter, trainer)
        return tokenizer

    @property
    def exported(self) -> list[str]:
        """No piece is taken for a word: one within words is spelled as in WordPiece."""
        return [piece if piece[0] == BLANK else f"##{piece}" for piece in self.words]


KIND = Subwords
