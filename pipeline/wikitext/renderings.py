"""How templates that carry prose read, given their arguments; None where one has nothing to say."""

# Names that templates give to the text that they show, when they name it at all.
SHOWN = ("lt", "label", "text", "texte", "quote", "نص", "عر")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
CHINESE = {"c": "Chinese", "s": "simplified Chinese", "t": "traditional Chinese", "p": "pinyin", "w": "Wade–Giles"}
CHINESE |= {"j": "Jyutping", "l": "lit."}
WITH_RANGES = ("c. ", "fl. ", "r. ")


class Arguments:
    """A template's arguments, free of other markup, its name, and the language of the wiki it stands in.

    `body` is all that stands between the braces.
    """

    def __init__(self, name: str, language: str, body: str) -> None:
        head, *parts = body.split("|")
        self.name, self.language = name, language
        self.written = head.strip()
        self.unnamed: list[str] = []
        self.named: dict[str, str] = {}
        for part in parts:
            key, equals, value = part.partition("=")
            key, value = key.strip(), value.strip()
            position = integer(key)
            # An equals sign inside a tag's or an address's text separates nothing.
            if equals and position is None and "<" not in key and "/" not in key:
                self.named[key.lower()] = value
            elif equals and position is not None and position < 100:
                self.unnamed += [""] * (position - len(self.unnamed))
                if position:
                    self.unnamed[position - 1] = value
            else:
                self.unnamed.append(part.strip())

    def __getitem__(self, position: int) -> str:
        """The unnamed argument at `position`, counted from 1 as on a wiki; empty where there is none."""
        return self.unnamed[position - 1] if 0 < position <= len(self.unnamed) else ""


def entries(table: str, separator: str) -> list[str]:
    """Return the entries of a table; its lines may end between any two words."""
    return [entry.strip() for entry in " ".join(table.split()).split(separator)]


def integer(text: str) -> int | None:
    """The number that `text` is: few digits, and ASCII ones, because `int` raises for thousands and for "²"."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def parameter(position: int, a: Arguments) -> str | None:
    """What the template shows: an argument that says so by name, or else the one at `position`."""
    return next((a.named[name] for name in SHOWN if a.named.get(name)), None) or a[position] or None


def constant(text: str, _: Arguments) -> str | None:
    return text


def around(before: str, after: str, a: Arguments) -> str | None:
    """The first argument, or a range of two, in between two signs."""
    text = parameter(1, a)
    if text and a[2] and before in WITH_RANGES:
        text = f"{text}–{a[2]}"
    return f"{before}{text}{after}" if text else None


def spaced(a: Arguments) -> str | None:
    return " ".join(filter(None, a.unnamed[:3])) or None


def second_or_first(a: Arguments) -> str | None:
    return a[2] or a[1] or None


def date(a: Arguments) -> str | None:
    """A date given in numbers, spelt out in English, or as it stands where it was spelt out already."""
    numbers = [number for number in map(integer, a.unnamed[:3]) if number is not None]
    if not numbers:
        return a[1] or None
    year, month, day = (*numbers, 0, 0)[:3]
    if not 1 <= month <= 12:
        return str(year)
    if a.language != "en":
        return None
    if not day:
        return f"{MONTHS[month - 1]} {year}"
    day_first = (a.name == "dts" and not a.named.get("format")) or a.named.get("df", "").startswith("y")
    return f"{day} {MONTHS[month - 1]} {year}" if day_first else f"{MONTHS[month - 1]} {day}, {year}"


def as_of(a: Arguments) -> str | None:
    """`2010|5` as "As of May 2010"."""
    if a.named.get("alt") or not a[1]:
        return a.named.get("alt") or None
    number = integer(a[2])
    month = MONTHS[number - 1] if number and number <= 12 else a[2]
    opening = "since" if a.named.get("since") else "as of"
    opening = opening if a.named.get("lc") else opening.capitalize()
    return " ".join(filter(None, (opening, a[3], month, a[1])))


def nihongo(a: Arguments) -> str | None:
    """A term with its Japanese script and reading in brackets after it."""
    inside = ", ".join(filter(None, a.unnamed[1:4]))
    return f"{a[1]} ({inside})".strip() if inside else a[1] or None


def chinese(a: Arguments) -> str | None:
    return "; ".join(f"{CHINESE[key]}: {a.named[key]}" for key in CHINESE if a.named.get(key)) or a[1] or None


def author_and_year(a: Arguments) -> str | None:
    *authors, year = a.unnamed or [""]
    if not authors:
        return None
    names = " & ".join(authors) if len(authors) < 3 else f"{authors[0]} et al."
    return f"{names} ({year})"


def century(after: str, a: Arguments) -> str | None:
    """The French `XIX|e` as "XIXe siècle", and `XII|e|au|XIII|e` as "XIIe au XIIIe siècle"."""
    if not a[1]:
        return None
    others = f" {a[3]} {a[4]}{a[5]}" if a[4] else ""
    return f"{a[1]}{a[2] or 'e'}{others}{after}"


def hour(a: Arguments) -> str | None:
    """The French `4|30` as "4 h 30"."""
    return " h ".join(filter(None, a.unnamed[:2])) + (" h" if not a[2] else "") if a[1] else None


def lifetime(a: Arguments) -> str | None:
    """The Chinese `1866年|11月11日|1936年|9月21日` as "1866年11月11日－1936年9月21日"."""
    return f"{a[1]}{a[2]}－{a[3]}{a[4]}" if a[1] or a[3] else None
