"""A vocabulary of pieces of words, by byte-level byte-pair encoding.

Byte-pair encoding is Sennrich, Haddow and Birch (2016), over bytes as in GPT-2. Every text is a row of pieces, which
are bytes: a piece that begins with a blank is spelled `Ġ`, as transformers does.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.store.scale import BITS_PER_BYTE
from pipeline.store.vocabulary import SPECIAL, WORDS, Vocabulary

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BLANK = "Ġ"  # at the beginning of a piece
# Of the letters that stand for bytes, the bytes: printable ones stand for themselves, the others follow U+0100.
PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
BYTES = {chr(byte): byte for byte in PRINTABLE}
BYTES |= {chr(0x100 + n): byte for n, byte in enumerate(sorted({*range(0x100)} - {*PRINTABLE}))}
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

    def spelled(self, id: int) -> str:
        """Return a piece as text; a byte that is no whole letter looks like `\\xe6`."""
        mark = id < WORDS.start or id == self.unknown
        piece = self.by_id[id]
        return piece if mark else bytes(BYTES[letter] for letter in piece).decode("utf-8", "backslashreplace")

    @property
    def exported(self) -> list[str]:
        """No piece is taken for a word: one within words is spelled as in WordPiece."""
        return [piece if piece[0] == BLANK else f"##{piece}" for piece in self.words]


KIND = Subwords
