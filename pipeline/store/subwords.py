"""Vocabularies as files of Hugging Face's tokenizers; pieces of words, by byte-level byte-pair encoding.

Byte-pair encoding is Sennrich, Haddow and Birch (2016), over bytes as in GPT-2. Every text is a row of pieces, which
are bytes: a piece that begins with a blank is spelled `Ġ`, as transformers does.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from pipeline.store.vocabulary import MARKS, WORDS, Vocabulary

AT_ONCE = 1000  # texts
LONG_RUN = re.compile(r"(\S{1000})|\s{1000,}")  # learning takes time that is quadratic in its length


def train_pieces(texts: Iterable[str], number: int) -> Tokenizer:
    """Return a tokenizer with at most `number` pieces, learnt from texts; the same ones give the same pieces."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    shorter = (LONG_RUN.sub(r"\1 ", text) for text in texts)
    trainer = trainers.BpeTrainer(vocab_size=number, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(shorter, trainer)
    return tokenizer


def by_frequency(tokenizer: Tokenizer, counts: np.ndarray, rows: int) -> tuple[Vocabulary, np.ndarray]:
    """Return the vocabulary of a tokenizer's pieces for a text of so many rows, and each old id's new one.

    `counts` has how often each old id occurs.
    """
    content = json.loads(tokenizer.to_str())
    old = content["model"]["vocab"]
    pieces = sorted(old, key=lambda piece: (-counts[old[piece]], piece))
    new = np.empty(len(old), np.uint32)
    new[[old[piece] for piece in pieces]] = np.arange(WORDS.start, WORDS.start + len(old))
    content["model"]["vocab"] = _numbered(pieces)
    counted = [(piece, int(counts[old[piece]])) for piece in pieces]
    numbered = Tokenizer.from_str(json.dumps(content)).to_str(pretty=True)
    return replace(Vocabulary.of(counted, rows=rows, unknown=0, marks=MARKS), tokenizer=numbered), new


def whole_words(vocabulary: Vocabulary) -> str:
    """Return the content of the file of a tokenizer of words between blanks, as a vocabulary of words numbers them."""
    tokenizer = Tokenizer(models.WordLevel(_numbered(vocabulary.words), unk_token=MARKS[2]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    file: str = tokenizer.to_str(pretty=True)
    return file


def _numbered(words: Sequence[str]) -> dict[str, int]:
    """Return the id of each word and each mark; a word that is spelled like a mark is a word."""
    start, end, unknown = MARKS
    ids = {start: 0, end: 1, unknown: len(words) + WORDS.start}
    return ids | {word: id for id, word in enumerate(words, WORDS.start)}


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids of all texts, one after another, and the number of ids of each."""
    found = [
        encoding.ids
        for start in range(0, len(texts), AT_ONCE)
        for encoding in tokenizer.encode_batch_fast(texts[start : start + AT_ONCE], add_special_tokens=False)
    ]
    lengths = np.fromiter(map(len, found), np.int64, len(found))
    return np.fromiter((id for ids in found for id in ids), np.uint32, int(lengths.sum())), lengths
