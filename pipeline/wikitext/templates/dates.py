"""The text of templates of dates, centuries and hours."""

import re
from datetime import date as day_of

from babel import UnknownLocaleError
from babel.dates import format_date

from pipeline.languages.language import language_of
from pipeline.wikitext.templates.renderings import Arguments, integer

DAY_FIRST = "d MMMM y"
ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)$", re.ASCII)
FIRST_DAY = re.compile(r"^0?1(?= [^\W\d]{3,}(?!\.))")


def date(a: Arguments) -> str | None:
    """Return a date in numbers spelt out; a date that is spelt out is returned unchanged, but for the French `1er`."""
    given = [part for part in a.unnamed[:3] if part]
    if given and (iso := ISO.match(given[0])):
        given = list(iso.groups())
    numbers = [number for number in map(integer, given) if number is not None]
    in_numbers = given and len(numbers) == len(given)
    text = _spelt_out(numbers, a) if in_numbers else " ".join(given)
    first = language_of(a.language).first_day
    return FIRST_DAY.sub(first, text) if text and first else text or None


def _spelt_out(numbers: list[int], a: Arguments) -> str | None:
    """Return a date of one to three numbers in words: its day, if it has one, else its month, else its year."""
    if len(numbers) == 3 and numbers[2]:
        day_first = (a.name == "dts" and not a.named.get("format")) or a.named.get("df", "").startswith("y")
        return in_words(numbers, a.language, DAY_FIRST if day_first else None)
    year, month = (*numbers, 0)[:2]
    if not 1 <= month <= 12:
        return str(year)
    form = language_of(a.language).month_format
    return written(year, month, 1, a.language, form) if form else None


def in_words(numbers: list[int], language: str, form: str | None = None) -> str | None:
    """Return a year, a month and a day, or the reverse, as a language writes a date; None if this is not known."""
    day, month, year = numbers if numbers[2] > 31 else reversed(numbers)
    return written(year, month, day, language, form or language_of(language).date_format) if year > 31 else None


def written(year: int, month: int, day: int, language: str, form: str) -> str | None:
    """Return a date in one of Babel's forms; None for a day that there is not, or a language that Babel lacks."""
    try:
        return format_date(day_of(year, month, day), form, language).replace("’", "'")
    except (ValueError, UnknownLocaleError):
        return None


def as_of(a: Arguments) -> str | None:
    """Return `2010|5` as "As of May 2010"."""
    if a.named.get("alt") or not a[1]:
        return a.named.get("alt") or None
    month = written(2000, integer(a[2]) or 0, 1, "en", "MMMM") or a[2]
    opening = "since" if a.named.get("since") else "as of"
    opening = opening if a.named.get("lc") else opening.capitalize()
    return " ".join(filter(None, (opening, a[3], month, a[1])))


def century(era: str, a: Arguments) -> str | None:
    """Return the French `XIX|e` as "XIXe siècle", and `XII|e|et|XIII|e|s` as "XIIe et XIIIe siècles"."""
    if not a[1]:
        return None
    others = f" {a[3]} {a[4]}{a[5]}" if a[4] else ""
    return f"{a[1]}{a[2] or 'e'}{others} siècle{'s' if a[6] == 's' else ''}{era}"


def spanish_century(a: Arguments) -> str | None:
    """Return the Spanish `V|a|s` as "siglo V a. C.", and `XIX` alone unchanged."""
    before = {"s": "siglo ", "S": "Siglo "}.get(a[3][:1], "")
    after = {"a": " a. C.", "d": " d. C."}.get(a[2], "")
    return f"{before}{a[1]}{after}" if a[1] else None


def hour(a: Arguments) -> str | None:
    """Return the French `4|30` as "4 h 30"."""
    return " h ".join(filter(None, a.unnamed[:2])) + (" h" if not a[2] else "") if a[1] else None


def lifetime(a: Arguments) -> str | None:
    """Return the Chinese `1866年|11月11日|1936年|9月21日` as "1866年11月11日－1936年9月21日"."""
    return f"{a[1]}{a[2]}－{a[3]}{a[4]}" if a[1] or a[3] else None
