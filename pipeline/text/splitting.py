"""Split prose into sentences, by the rules of a language, and into words, a column at a time."""

import re
import string
from collections.abc import Iterator
from itertools import compress
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from icu4py.breakers import WordBreaker

from pipeline.text.sentences.boundaries import split_sentences

# A dash or a slash separates two words ("1939–1945", "and/or"); a hyphen or an apostrophe is removed, as in the book.
# ASCII, which is nearly all of most texts, is translated byte by byte.
ASCII = bytes.maketrans(b"/\\|" + string.ascii_uppercase.encode(), b"   " + string.ascii_lowercase.encode())
ASCII_REMOVED = bytes(set(string.punctuation.encode()) - set(b"/\\|"))
# Other characters go by their Unicode classes. The zero-width space of Khmer and Thai and the mark between Tibetan
# syllables separate words, too.
SEPARATORS = r"[–—―…་༌\x{200B}]+"
# Punctuation and symbols of any script, and invisible marks: of direction, of variants, soft hyphens.
REMOVED = (
    r"[\p{P}\p{S}\x{0080}-\x{0084}\x{0086}-\x{009F}\x{00AD}\x{061C}\x{200E}\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FE00}-\x{FE0F}\x{FEFF}]+"
)

# Thai, Lao, Burmese, Khmer, kana and Han are written without spaces, so ICU's dictionaries find the words.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af]+"
)


def split_text(text: str, unit: Literal["sentence", "paragraph"], language: str) -> Iterator[str]:
    """Yield the paragraphs of an article, or their sentences by the rules of `language` (a Wikipedia's code)."""
    for paragraph in text.split("\n"):
        if unit == "paragraph":
            yield paragraph
        else:
            yield from split_sentences(paragraph, language)


def split_words(sequences: list[str]) -> tuple[pa.DictionaryArray, np.ndarray]:
    """Return the words of all `sequences`, in lower case and without punctuation, and the lengths of the sequences."""
    runs, sequence_of = split_blanks(space_words(sequences))
    encoded = runs.dictionary_encode()  # each distinct run of characters is normalized once
    words = as_words(encoded.dictionary)
    word_ids = words.flatten().dictionary_encode()
    # The words of run i are those from first[i] to first[i] + count[i].
    first, count = words.offsets.to_numpy()[:-1], pc.list_value_length(words).to_numpy()
    run_ids = encoded.indices.to_numpy()
    counts = count[run_ids]
    position = np.arange(counts.sum()) + np.repeat(first[run_ids] - (np.cumsum(counts) - counts), counts)
    lengths = np.bincount(sequence_of, weights=counts, minlength=len(sequences)).astype(np.int64)
    return pa.DictionaryArray.from_arrays(word_ids.indices.take(pa.array(position)), word_ids.dictionary), lengths


def only_long(words: pa.DictionaryArray, lengths: np.ndarray, least: int) -> tuple[pa.DictionaryArray, np.ndarray]:
    """Return the words of the sequences with at least `least` words, and which sequences these are (sequences,)."""
    kept = lengths >= least
    return words.filter(pa.array(np.repeat(kept, lengths))), kept


def space_words(sequences: list[str]) -> list[str]:
    """Return the sequences with blanks between the words of scripts that are written without blanks."""
    others = [row for row, sequence in enumerate(sequences) if not sequence.isascii()]
    found = pc.match_substring_regex(pa.array([sequences[row] for row in others], pa.string()), UNSPACED.pattern)
    spaced = sequences.copy()
    for row in compress(others, found.to_pylist()):
        spaced[row] = UNSPACED.sub(lambda run: f" {' '.join(WordBreaker(run[0], 'und'))} ", sequences[row])
    return spaced


def split_blanks(sequences: list[str]) -> tuple[pa.StringArray, np.ndarray]:
    """Return the runs of characters between ASCII blanks, and the number of each run's sequence.

    ASCII letters are in lower case; ASCII punctuation is removed.
    """
    text = "\n".join([*sequences, ""]).encode().replace(b"--", b" ").translate(ASCII, ASCII_REMOVED)
    data = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(data <= ord(" "))
    lengths = np.diff(ends, prepend=-1) - 1
    newline = data[ends] == ord("\n")
    sequence_of = np.cumsum(newline) - newline
    full = lengths > 0
    characters = pa.py_buffer(text.translate(None, bytes(range(ord(" ") + 1))))
    runs = pa.StringArray.from_buffers(int(full.sum()), offsets_of(lengths[full]).buffers()[1], characters)
    return runs, sequence_of[full]


def as_words(runs: pa.StringArray) -> pa.ListArray:
    """Return the words of each run of characters: one in ASCII, any number otherwise."""
    ascii = pc.string_is_ascii(runs).to_numpy(zero_copy_only=False)
    others = normalize(runs.filter(pa.array(~ascii)))
    count = np.ones(len(runs), np.int64)
    count[~ascii] = pc.list_value_length(others).to_numpy()
    found = pa.concat_arrays([runs, others.flatten()])
    source = np.empty(count.sum(), np.int64)
    own = np.repeat(ascii, count)
    source[own] = np.flatnonzero(ascii)
    source[~own] = np.arange(len(runs), len(found))
    return pa.ListArray.from_arrays(offsets_of(count), found.take(pa.array(source)))


def normalize(runs: pa.StringArray) -> pa.ListArray:
    """Return the words of each run of characters of any script, in lower case and without punctuation."""
    text = pc.utf8_lower(runs)
    text = pc.replace_substring_regex(text, pattern=SEPARATORS, replacement=" ")
    text = pc.replace_substring_regex(text, pattern=REMOVED, replacement="")
    text = pc.utf8_trim_whitespace(text)
    # Splitting "" gives one empty word.
    return pc.utf8_split_whitespace(pc.if_else(pc.equal(text, ""), None, text)).fill_null([])


def offsets_of(lengths: np.ndarray) -> pa.Int32Array:
    """Return the offsets of items with these `lengths` that are laid end to end, and the end of the last."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.array(offsets)
