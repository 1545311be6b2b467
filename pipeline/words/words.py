"""Split sequences into words, by the rules of a language, a column at a time."""

import re
import string
import unicodedata
from itertools import chain, compress

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from icu4py.breakers import WordBreaker

from pipeline.languages.language import language_of
from pipeline.settings.text_sections import Tokens

DEFAULTS = Tokens()

# If marks are dropped, a mark separates two words ("and/or", "foo(bar)") or joins them: hyphens, apostrophes,
# quotation marks and periods are removed, as in the book. ASCII, which is nearly all of most texts, is translated byte
# by byte.
JOINERS = b"\"#$%&'*-.@^_`"
SEPARATORS = bytes(set(string.punctuation.encode()) - set(JOINERS + b",:"))
CAPITALS, LETTERS = string.ascii_uppercase.encode(), string.ascii_lowercase.encode()
# Other characters go by their Unicode classes. These join: quotation marks, connectors, currencies and accents that
# stand alone; then hyphens, apostrophes, the Armenian marks within words, signs of abbreviations and of decimals.
JOINING_CLASSES = frozenset({"Pi", "Pf", "Pc", "Sc", "Sk"})
JOINING = frozenset(
    ",:·\u201a\u201e\u058a\u05be\u1806\u180a\u2010\u2011\ufe63\uff0d\u05f3\u05f4\uff02\uff07"
    "\u055a\u055b\u055c\u055d\u055e\u055f\u0970\u09fd\u0af0\u2024\u2027\uff0e\u066b\u066c"
)
# All other marks and symbols separate, except the last four marks of Burmese, which are words.
BURMESE = frozenset("\u104c\u104d\u104e\u104f")
# Marks whose effect depends on their neighbours, the pattern, and its replacement.
CONTEXTUAL = (
    (":", r"(\p{Nd}):", r"\1 "),  # a colon joins ("EU:s") except in numbers
    (",", r"(\P{Nd}),", r"\1 "),  # a comma separates except in numbers
    (",", r",(\P{Nd})", r" \1"),
    ("·", r"(\P{Latin})·", r"\1 "),  # a dot joins Catalan's l·l and separates the words of Korean
    ("·", r"·(\P{Latin})", r" \1"),
)
# If marks are kept, these stay within a word, as in "it's". In other places they are words, as all other marks are.
# A comma stays between digits, a colon elsewhere, `·` between Latin letters, a straight quote between Hebrew ones.
INNER = r".,:&@_'’\-‐‑֊־·\"׳״՚-՟٫٬॰"
KEPT = r"(?:[^\P{P}\x{104C}-\x{104F}" + INNER + r"]|\p{S})"
KEPT_WORD = re.compile(
    rf"(?![\u200c\u200d])[^\s{INNER}]++"
    rf"(?:(?:[.&@_'’\-‐‑֊־׳״՚-՟॰]|(?<=\d)[,٫٬](?=\d)|(?<!\d):|:(?!\d)|(?<=[A-Za-zÀ-ɏ])·(?=[A-Za-zÀ-ɏ])"
    rf'|(?<=[א-ת])"(?=[א-ת]))[^\s{INNER}]++)*+'
    rf"|[{INNER}]"
)
# Invisible marks: of direction, of variants, soft hyphens; and the tatweel, which only widens an Arabic word.
INVISIBLE = (
    r"[\x{0080}-\x{0084}\x{0086}-\x{009F}\x{00AD}\x{061C}\x{0640}\x{200E}\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FE00}-\x{FE0F}\x{FEFF}]+"
)
POINTS = r"[\x{0591}-\x{05BD}\x{05BF}\x{05C1}\x{05C2}\x{05C4}\x{05C5}\x{05C7}\x{064B}-\x{0652}\x{0670}]+"
STRESS = r"([^\P{Cyrillic}ГгКк])[\x{0301}\x{0341}]+"  # ѓ and ќ are letters
LOOSE = r"(^| )[\x{200C}\x{200D}]+"  # zero-width joiners that join nothing
# Zero-width non-joiners that separate nothing: at the end of a word, and all but one of several. Joiners shape letters.
IDLE = r"\x{200C}+(\x{200C}|[^\p{L}\p{M}\p{N}]|$)"
# Most runs that are not ASCII: letters alone, of the commonest scripts. They need lower case and nothing else.
PLAIN = (
    r"^[0-9A-Za-z\x{00C0}-\x{00D6}\x{00D8}-\x{00F6}\x{00F8}-\x{024F}\x{0388}-\x{03F5}\x{0400}-\x{0481}\x{048A}-\x{052F}"
    r"\x{05D0}-\x{05EA}\x{0620}-\x{063A}\x{0641}-\x{064A}\x{10D0}-\x{10FA}\x{AC00}-\x{D7A3}]+$"
)
# Fullwidth letters and digits, halfwidth kana, and the ordinary ones.
WIDTHS = "[０-９Ａ-Ｚａ-ｚｦ-ﾟ]"
ORDINARY = {
    code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF10, 0xFFA0) if re.match(WIDTHS, chr(code))
}
NUMBER = rf"^\p{{N}}(?:[{INNER}]?\p{{N}})*$"
ZERO = "0"  # a number itself, so no other word is spelled 0
PIECE = 2**18  # bytes that are searched at once: larger arrays take longer to allocate than to search

# Thai, Lao, Burmese, Khmer, kana and Han are written without spaces, so ICU's dictionaries find the words. First come
# abbreviations such as Thai `พ.ศ.`, which ICU would cut.
UNSPACED = re.compile(
    "(?:[\u0e01-\u0e2e\u0e81-\u0eae]{1,2}[.]){2,}|"
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af]+"
)


class Marks(dict[int, str]):
    """The table for `str.translate`: a joining mark becomes nothing, a separating one a blank."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        joins = category in JOINING_CLASSES or character in JOINING
        separates = character == "\u200b" or (category[0] in "PS" and character not in BURMESE)
        self[code] = "" if joins else " " if separates else character
        return self[code]


MARKS = Marks()


def split_words(
    sequences: list[str], language: str, settings: Tokens = DEFAULTS
) -> tuple[pa.DictionaryArray, np.ndarray]:
    """Return the words of all `sequences`, and the lengths of the sequences.

    `settings` choose lower case, by the rules of `language` (a Wikipedia's code), whether marks are words, and whether
    all numbers become the word 0. Lines that are already tokenized are split at blanks alone.
    """
    if settings.unit == "line":
        split = [sequence.split() for sequence in sequences]
        words = pa.array(list(chain.from_iterable(split)), pa.string()).dictionary_encode()
        return words, np.fromiter(map(len, split), np.int64, len(split))
    runs, sequence_of = split_blanks(space_words(sequences), language, settings)
    encoded = runs.dictionary_encode()  # each distinct run of characters is normalized once
    words = as_words(encoded.dictionary, language, settings)
    word_ids = words.flatten().dictionary_encode()
    of_runs = pa.ListArray.from_arrays(words.offsets, word_ids.indices).take(encoded.indices)
    counts = pc.list_value_length(of_runs).to_numpy()
    lengths = np.bincount(sequence_of, weights=counts, minlength=len(sequences)).astype(np.int64)
    return pa.DictionaryArray.from_arrays(of_runs.flatten(), word_ids.dictionary), lengths


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
        spaced[row] = UNSPACED.sub(cut_run, sequences[row]).replace("၎ ", "၎")  # ICU cuts ၎င်း, which is one word
    return spaced


def cut_run(run: re.Match[str]) -> str:
    """Return the words of a run that UNSPACED found, with blanks between and around them."""
    return f" {run[0] if '.' in run[0] else ' '.join(WordBreaker(run[0], 'und'))} "


def split_blanks(sequences: list[str], language: str, settings: Tokens) -> tuple[pa.StringArray, np.ndarray]:
    """Return the runs of characters between ASCII blanks, and the number of each run's sequence.

    ASCII letters are in lower case and ASCII marks dropped, if the `settings` say so.
    """
    text = translated("\n".join([*sequences, ""]).encode(), language, settings)
    data = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(data <= ord(" "))
    lengths = np.diff(ends, prepend=-1) - 1
    newline = data[ends] == ord("\n")
    sequence_of = np.cumsum(newline) - newline
    full = lengths > 0
    characters = pa.py_buffer(text.translate(None, bytes(range(ord(" ") + 1))))
    runs = pa.StringArray.from_buffers(int(full.sum()), offsets_of(lengths[full]).buffers()[1], characters)
    return runs, sequence_of[full]


def translated(text: bytes, language: str, settings: Tokens) -> bytes:
    """Return a text that ends with a newline with its ASCII letters and marks as `split_blanks` returns them."""
    own = language_of(language)
    if settings.lowercase and own.dotless_i:  # a dot may be a character of its own
        text = text.replace("I\u0307".encode(), b"i").replace(b"I", "ı".encode())
    for apostrophe in own.apostrophes:
        text = text.replace(apostrophe.encode(), b"'")
    letters, lower = (CAPITALS, LETTERS) if settings.lowercase else (b"", b"")
    if settings.punctuation == "keep":
        return text.translate(bytes.maketrans(letters, lower))
    table = bytes.maketrans(letters + SEPARATORS, lower + b" " * len(SEPARATORS))
    return bytes(mark_numbers(text).translate(table, JOINERS))


def mark_numbers(text: bytes) -> bytearray:
    """Return a text that ends with a newline with a blank or a joiner for each mark that depends on its neighbours.

    Two dashes and two periods become blanks. A comma joins and a colon separates two digits; elsewhere, the reverse.
    """
    marked = bytearray(text.replace(b"--", b" "))
    data = np.frombuffer(marked, np.uint8)
    for start in range(0, len(data), PIECE):
        piece = data[start : start + PIECE]
        dots = np.flatnonzero(piece == ord(".")) + start
        dots = dots[data[dots + 1] == ord(".")]
        data[dots] = data[dots + 1] = ord(" ")
        for mark, in_number, elsewhere in ((",", "'", " "), (":", " ", "'")):
            places = np.flatnonzero(piece == ord(mark)) + start
            before, after = data[places - 1], data[places + 1]
            number = (before - ord("0") < 10) & (after - ord("0") < 10)  # of unsigned bytes
            ascii = (before < 128) | (after < 128)  # `drop_marks` handles the words around other marks
            data[places[ascii]] = np.where(number[ascii], np.uint8(ord(in_number)), np.uint8(ord(elsewhere)))
    return marked


def as_words(runs: pa.StringArray, language: str, settings: Tokens) -> pa.ListArray:
    """Return the words of each run of characters.

    Runs of ASCII are words as they are; those that are plain need lower case, and the rest is split.
    """
    if settings.punctuation == "drop":
        whole, split = pc.string_is_ascii(runs).to_numpy(zero_copy_only=False), drop_marks
    else:
        whole, split = pc.match_substring_regex(runs, "^[0-9A-Za-z]+$").to_numpy(zero_copy_only=False), keep_marks
    plain = ~whole
    plain[plain] = pc.match_substring_regex(runs.filter(pa.array(plain)), PLAIN).to_numpy(zero_copy_only=False)
    rest = ~(whole | plain)
    split_rest = split(runs.filter(pa.array(rest)), language)
    others = pa.concat_arrays([runs.filter(pa.array(plain)), split_rest.flatten()])
    words = pa.concat_arrays([runs.filter(pa.array(whole)), normalized(others, language, settings)])
    if settings.digits == "zero":
        words = pc.replace_substring_regex(words, NUMBER, ZERO)
    count = np.ones(len(runs), np.int64)
    count[rest] = pc.list_value_length(split_rest).to_numpy()
    # The words are in order of kind: whole, plain, rest. Put them back into the order of their runs.
    kind = np.repeat(plain + 2 * rest.astype(np.int8), count)
    source = np.empty(len(words), np.int64)
    source[np.argsort(kind, kind="stable")] = np.arange(len(words))
    return pa.ListArray.from_arrays(offsets_of(count), words.take(pa.array(source)))


def normalized(words: pa.StringArray, language: str, settings: Tokens) -> pa.StringArray:
    """Return words of any script in lower case, if the `settings` say so, and in NFC."""
    if settings.lowercase:
        # Greek's last sigma has a form of its own.
        words = pc.utf8_lower(replace_around(words, "Σ", "(.)Σ$", r"\1ς"))
        if language_of(language).dotless_i:
            words = pc.replace_substring_regex(words, "i\u0307+", "i")
    return pc.utf8_normalize(words, "NFC")  # again, because letters have new neighbours and other forms


def drop_marks(runs: pa.StringArray, language: str) -> pa.ListArray:
    """Return the words of each run of characters of any script, without marks."""
    text = runs
    for mark, pattern, replacement in CONTEXTUAL:
        text = replace_around(text, mark, pattern, replacement)
    text = pa.array("\n".join(text.to_pylist()).translate(MARKS).split("\n")[: len(text)], pa.string())
    text = pc.utf8_trim_whitespace(pc.replace_substring_regex(clean_letters(text, language), LOOSE, r"\1"))
    # Splitting "" gives one empty word.
    return pc.utf8_split_whitespace(pc.if_else(pc.equal(text, ""), None, text)).fill_null([])


def keep_marks(runs: pa.StringArray, language: str) -> pa.ListArray:
    """Return the words and the marks of each run of characters of any script."""
    text = clean_letters(pc.replace_substring(runs, "\u200b", " "), language)
    text = pc.replace_substring_regex(text, KEPT, r" \0 ")
    return pa.array([KEPT_WORD.findall(run) for run in text.to_pylist()], pa.list_(pa.string()))


def clean_letters(text: pa.StringArray, language: str) -> pa.StringArray:
    """Return `text` in NFC, as wikis store it, without invisible characters."""
    found = pc.match_substring_regex(text, WIDTHS)
    ordinary = [run.translate(ORDINARY) for run in text.filter(found).to_pylist()]
    text = pc.replace_with_mask(text, found, pa.array(ordinary, pa.string()))
    text = pc.utf8_normalize(pc.replace_substring_regex(text, INVISIBLE, ""), "NFC")
    if not language_of(language).points:
        text = pc.replace_substring_regex(text, POINTS, "")
    return pc.replace_substring_regex(replace_around(text, "\u200c", IDLE, r"\1"), STRESS, r"\1")


def replace_around(text: pa.StringArray, mark: str, pattern: str, replacement: str) -> pa.StringArray:
    """Return `text` with a pattern around `mark` replaced. If the text lacks the mark, no pattern is compiled."""
    if not pc.any(pc.match_substring(text, mark)).as_py():
        return text
    return pc.replace_substring_regex(text, pattern, replacement)


def offsets_of(lengths: np.ndarray) -> pa.Int32Array:
    """Return the offsets of items with these `lengths` that are laid end to end, and the end of the last."""
    return pa.array(np.append(0, lengths).cumsum(dtype=np.int32))
