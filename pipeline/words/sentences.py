"""Find where sentences end: one pass over the marks that may end one, and a decision at each."""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from pipeline.languages.language import COMMON, Language, language_like, language_of

# Marks that end a sentence wherever they stand, blank or not: of East and South Asia, Ethiopia, Tibet and others. The
# Tibetan shad (།) also ends clauses, and looks the same there.
ENDING = "。！？｡．।॥។៕།༎༑።፧፨။᠃᠉᱾᱿꯫꩝꩞꩟꧉꧈᭞᭟܀܁܂߹꘎꘏꛳꛷"
ANY_MARK = re.compile(f"[{ENDING}፡]")
END_MARKS = re.compile(
    rf"(?:[{ENDING}]|፡፡)(?:[{ENDING}!?]|፡፡|[ ༔][།༎])*+"
    r"(?:\s?\d++\s?॥)?+"  # the number of a verse
    r"([」』）】〕〉》”’\"')\]]*+)\s*+"
)
# A mark ends no sentence before one of these, or, inside quotes, before a Japanese particle.
GOES_ON = "、，；：」』）】〕〉》。"
PARTICLES = "とっのはがをにでも"

# Stops that end a sentence if a blank follows.
STOPS = ".!?…‽⁇⁈⁉؟۔։"
CLOSERS = "\"'”’“‘»«›‹)\\]}」』\u200e\u200f"
OPENERS = "\"'`“”„«»‹›‘’‚([{<¿¡*•–—-\u200e\u200f "
DASHES = "-–—"
CONTINUES = ",;:.…)]}%/=+>|"

# Consonants of the Latin, Cyrillic and Greek scripts; between two others an r is a syllable (`vrh`).
CONSONANT = "[bcdfghjklmnpqrstvxzßçćčďđğģķļłľĺńņňñŕřśşšșţťțźżžðþбвгґдђѓжзјкќлљмнњпрстћфхцчџшщβγδζθκλμνξπρσςτφχψ]"
NO_VOWEL = re.compile(rf"(?!{CONSONANT}+[rр]{CONSONANT}){CONSONANT}{{2,4}}|{CONSONANT}")
LETTER = r"[^\W\d_][^\w\s.-]*"  # with vowel signs, which are no letters
INITIAL = re.compile(LETTER)  # of a name; in the scripts of South India with its vowel sign: `ஜி.`
DOTTED = re.compile(rf"(?:(?:{LETTER}){{1,2}}\.[.-]*)+(?:{LETTER}){{1,3}}")  # U.S, e.g, J.-C, but not example.org
SPACED = re.compile(r"\b(?:\w\.[ \u00a0]?)+\w\Z")
NUMBER_BEFORE = re.compile(r"(?:\d|\b[IVXLCХІ]+)[ \u00a0]\Z")
FIRST_WORD = re.compile(r"\W{0,3}(\w++)(?!\.)")  # not an initial
ROMAN = re.compile(r"[IVXLC]{2,}\b|[IVX](?=[,–)])")  # in `vol. II` and `vol. I, p. 5`; one letter may be a word
DATE = re.compile(r"\b\d{1,2}\.[ \u00a0]\d{1,2}\.[ \u00a0]\d{4}\b")
ROMAN_MONTH = re.compile(r"[IVX]{2,}\b|[IVX] \d")  # in `19. XI 1918`

# What follows a period: a number, a word that begins many sentences, or any other word, which may be a name.
Next = Literal["number", "starter", "name"]


class StopRules(NamedTuple):
    """A language's rules: where a sentence may end, and what a period after a short word means."""

    candidate: re.Pattern[str]
    is_abbreviation: Callable[[str, bool, Next], bool]
    starters: frozenset[str]  # capitalized words that are not names
    ordinals: int  # the digits of a number that a period makes an ordinal even before a capital
    periods: bool


@cache
def rules_of(language: str) -> StopRules:
    """Return the rules of a language by its Wikipedia's code; one without a file has the common rules."""
    own = language_like(language)
    stops = STOPS + own.stops
    return StopRules(
        # A run of stops is tried once, at its first; the rest is possessive, so that the time is linear.
        candidate=re.compile(
            rf"[{stops}](?<![{stops}][{stops}])[{stops}]*+"
            rf"[{CLOSERS}]*+(?:[ \u00a0\u202f][»”]++(?=\s))?+(?:\s?\[\d{{1,3}}\])*+\s++(?=[^\s,;:])"
        ),
        is_abbreviation=abbreviations_of(own),
        starters=frozenset(own.starters.split()),
        ordinals=own.ordinal_digits,
        periods=own.periods,
    )


def abbreviations_of(own: Language) -> Callable[[str, bool, Next], bool]:
    """Return the test whether a language's short word with a period is an abbreviation, and ends no sentence."""
    common = language_of(COMMON)
    abbreviations = frozenset(f"{common.abbreviations} {own.abbreviations}".split())
    counters = frozenset(f"{common.counters} {own.counters}".split())
    endings = frozenset(f"{common.endings} {own.endings}".split())

    @lru_cache(maxsize=1 << 14)
    def is_abbreviation(word: str, after_number: bool, before: Next) -> bool:
        word = word.lstrip(OPENERS).replace("’", "'")
        _, apostrophe, tail = word.rpartition("'")
        if apostrophe and len(tail) == 1 and tail.islower():  # McDonald's
            return False
        lowered = tail if len(tail) > 1 and tail.isupper() else tail.lower()
        if before == "starter" and (after_number or tail.isupper() or lowered in endings):
            return False
        if lowered in abbreviations or (before == "number" and lowered in counters):
            return True
        if lowered in endings and (len(tail) > 1 or (after_number and not tail.isupper())):
            return False
        if len(tail) == 1 and (before == "number" or tail.isupper() or "\u0590" < tail < "\u10ff"):
            return tail.isalpha()
        if DOTTED.fullmatch(tail) or ("\u0b80" < tail < "\u0d80" and INITIAL.fullmatch(tail)):
            return True
        if before == "starter" and len(tail) > 1:
            return False
        return (tail.islower() or tail.istitle()) and bool(NO_VOWEL.fullmatch(lowered))

    return is_abbreviation


def paragraphs_of(text: str, unit: str) -> list[str]:
    """Return the lines of an article that hold text; with the unit `line`, each is a row, the blank ones too."""
    return [line for line in text.split("\n") if line.strip() or unit == "line"]


def split_text(text: str, unit: Literal["sentence", "paragraph", "line"], language: str) -> Iterator[str]:
    """Yield an article's paragraphs, or lines, or their sentences by the rules of `language` (a Wikipedia's code)."""
    for paragraph in paragraphs_of(text, unit):
        yield from split_sentences(paragraph, language) if unit == "sentence" else [paragraph]


def split_sentences(paragraph: str, language: str) -> list[str]:
    """Return the sentences of a paragraph, each with the blanks after it: joined, they are the paragraph."""
    rules = rules_of(language)
    if paragraph.isascii() or not ANY_MARK.search(paragraph):
        return split_at_stops(paragraph, rules)
    sentences, start = [], 0
    for match in END_MARKS.finditer(paragraph):
        end = match.end()
        following = paragraph[end : end + 1]
        if following and (following in GOES_ON or (match[1] and following in PARTICLES)):
            continue
        if paragraph.startswith("ល។", end) or (paragraph[match.start()] == "．" and following.isdecimal()):
            continue  # the Khmer `etc.`; a decimal point
        sentences += split_at_stops(paragraph[start:end], rules)
        start = end
    return sentences + split_at_stops(paragraph[start:], rules)


def split_at_stops(text: str, rules: StopRules) -> list[str]:
    """Return the sentences of a text by the stops that a blank follows."""
    sentences = []
    start = last = 0
    detached, is_open = ' " ' in text, False
    for match in rules.candidate.finditer(text):
        stop, end = match.span()
        if detached:
            is_open ^= text.count('"', last, end) % 2 == 1
            if is_open and text[end] == '"' and text[end + 1 : end + 2].isspace():
                end, is_open = end + 2, False  # it closes, though a blank stands before it
        # A word of seven letters is no abbreviation: most sentences are decided here.
        long = stop >= last + 7 and text[stop - 7 : stop].isalpha() and rules.periods
        following = text[end : end + 1]
        surely = long and following.isalnum() and not following.islower()
        if surely or ends_sentence(text, start, last, stop, end, long, rules):
            sentences.append(text[start:end])
            start = end
        last = end
    if start < len(text):
        sentences.append(text[start:])
    return sentences


def ends_sentence(text: str, start: int, last: int, stop: int, end: int, long: bool, rules: StopRules) -> bool:
    """Return whether the sentence from `start` ends with its stop at `stop`, before the words that begin at `end`.

    `last` is the end of the stop before; `long` says that a word of seven or more letters stands before this one.
    """
    case = "upper" if text[end : end + 1].isupper() else case_of(text, end)
    if case == "none":
        return False
    if text[stop + 1] == ")" and text[end : end + 1] in DASHES:  # `(died 9 May.) – Writer`
        return False
    if case == "lower" and text[start].islower():  # as in text without capitals
        case = "other"
    if text[stop] != "." or not text[stop + 1].isspace():  # more than a period
        return case != "lower" and not (text[stop] in ".…" and text[stop - 1 : stop] in ("[", "("))
    if long or case == "lower" or not rules.periods:
        return long
    return period_ends_sentence(text, start, last, stop, end, case, rules)


def period_ends_sentence(text: str, start: int, last: int, stop: int, end: int, case: str, rules: StopRules) -> bool:
    """Return whether a sentence ends with its period after a short word or a number, as in `ends_sentence`."""
    bracket = text.rfind("(", max(start, stop - 50), stop)
    if bracket >= 0 and ")" not in text[bracket:stop]:  # a gloss: `(ital. Roma)`
        return False
    word = text[max(last, stop - 12) : stop].rpartition(" ")[2]
    place = stop - len(word)
    before = what_follows(text, end, case, rules)
    if word.isdecimal():
        is_item = place - start <= 1
        is_range = text[end] in DASHES and case == "digit"  # `1919. – 1933.`
        is_ordinal = text[end].islower() or (len(word) <= rules.ordinals and before != "starter")
        return not (is_item or is_range or is_ordinal or (len(word) <= 2 and in_date(text, start, stop, end, case)))
    after_number = len(word) < 5 and bool(NUMBER_BEFORE.search(text, max(start, place - 8), place))
    if len(word) == 1 and (spaced := SPACED.search(text, max(start, stop - 12), stop)):  # `u. a.` is `u.a.`
        word = spaced[0].replace(" ", "").replace("\u00a0", "")
    return not rules.is_abbreviation(word, after_number, before)


def what_follows(text: str, end: int, case: str, rules: StopRules) -> Next:
    """Return what begins at `end`, of which `case_of` returns `case`."""
    if case == "digit" or ROMAN.match(text, end):
        return "number"
    first = FIRST_WORD.match(text, end)
    return "starter" if first and first[1] in rules.starters else "name"


def in_date(text: str, start: int, stop: int, end: int, case: str) -> bool:
    """Return whether the period at `stop` belongs to a date, whose next number begins at `end`: `19. XI`, `5. 5. 1990`.

    Of `12. 5. 5. 1990` the last three are the date: the search stops before the year of one that begins at `end`.
    """
    in_digits = case == "digit" and DATE.search(text, max(start, stop - 6), end + 9)
    return bool(in_digits or ROMAN_MONTH.match(text, end))


def case_of(text: str, position: int) -> str:
    """Return the case of the next sign after quotes, brackets and dashes: upper, lower, digit, other or none.

    `none` is a mark that continues the sentence, or the end of the text.
    """
    if text.startswith("(", position) and text[position + 1 : position + 2].isdecimal():  # `Good Bye, Lenin! (2003)`
        return "none"
    ahead = text[position : position + 4]
    position += len(ahead) - len(ahead.lstrip(OPENERS))
    following = text[position : position + 1]
    if not following or following in CONTINUES:
        return "none"
    if following.isupper():
        return "upper"
    if following.isdecimal():
        return "digit"
    if not following.islower() or "\u10d0" <= following <= "\u10ff":  # Georgian has no capitals in use
        return "other"
    after = text[position + 1 : position + 3]
    # `iPhone`; in Dutch and Afrikaans a sentence may begin with 's, 't or 'n before its capital.
    if after[:1].isupper() or (text[position - 1] in "'’" and after[:1] == " " and after[1:].isupper()):
        return "upper"
    return "lower"
