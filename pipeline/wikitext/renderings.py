"""How templates that carry prose read, given their arguments; None where one has nothing to say."""

from dataclasses import dataclass, field

# Names that templates give to the text that they show, when they name it at all.
SHOWN = ("lt", "label", "text", "texte", "quote", "نص", "عر")
MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
ACCIDENTALS = {"sharp": "♯", "flat": "♭", "natural": "♮", "#": "♯", "b": "♭"}


@dataclass
class Arguments:
    """A template's arguments, free of other markup, its name, and the language of the wiki it stands in."""

    name: str
    language: str
    unnamed: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    after_colon: str = ""  # the 1234 of `formatnum:1234`

    @classmethod
    def of(cls, name: str, language: str, body: str) -> "Arguments":
        """The arguments in `body`, all that stands between the braces."""
        head, *parts = body.split("|")
        arguments = cls(name, language, after_colon=head.partition(":")[2].strip())
        for part in parts:
            key, equals, value = part.partition("=")
            key = key.strip()
            position = integer(key)
            # An equals sign inside a tag's or an address's text separates nothing.
            if equals and position is None and "<" not in key and "/" not in key:
                arguments.named[key.lower()] = value.strip()
            elif equals and position is not None and position < 100:
                arguments._place(position, value.strip())
            else:
                arguments.unnamed.append(part.strip())
        return arguments

    def __getitem__(self, position: int) -> str:
        """The unnamed argument at `position`, counted from 1 as on a wiki; empty where there is none."""
        return self.unnamed[position - 1] if 0 < position <= len(self.unnamed) else ""

    def _place(self, position: int, value: str) -> None:
        self.unnamed += [""] * (position - len(self.unnamed))
        if position:
            self.unnamed[position - 1] = value


def integer(text: str) -> int | None:
    """The number that `text` is: few digits, and ASCII ones, because `int` raises for thousands and for "²"."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def parameter(position: int, a: Arguments) -> str | None:
    """What the template shows: an argument that says so by name, or else the one at `position`."""
    return next((a.named[name] for name in SHOWN if a.named.get(name)), None) or a[position] or None


def last(a: Arguments) -> str | None:
    return a.unnamed[-1] if a.unnamed else None


def constant(text: str, _: Arguments) -> str | None:
    return text


def around(before: str, after: str, a: Arguments) -> str | None:
    """The first argument, or a range of two, in between two signs."""
    text = parameter(1, a)
    if text and a[2] and a.name in ("circa", "c.", "ca.", "ca", "floruit", "fl.", "reign", "r."):
        text = f"{text}–{a[2]}"
    return f"{before}{text}{after}" if text else None


def joined(a: Arguments) -> str | None:
    return "".join(a.unnamed) or None


def spaced(a: Arguments) -> str | None:
    return " ".join(filter(None, a.unnamed[:3])) or None


def second_or_first(a: Arguments) -> str | None:
    return a[2] or a[1] or None


def lien(a: Arguments) -> str | None:
    return a.named.get("texte") or a.named.get("fr") or a[1] or None


def after_colon(a: Arguments) -> str | None:
    return a.after_colon or None


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
    if a.named.get("alt"):
        return a.named["alt"]
    _, month, day = (*a.unnamed, "", "", "")[:3]
    number = integer(month)
    if number and number <= 12:
        month = MONTHS[number - 1]
    opening = "since" if a.named.get("since") else "as of"
    opening = opening if a.named.get("lc") else opening.capitalize()
    return " ".join(filter(None, (opening, day, month, a[1]))) if a[1] else None


def old_style_date(a: Arguments) -> str | None:
    return f"{a[1]} [O.S. {a[3]}] {a[2]}" if a[1] and a[3] else None


def nihongo(a: Arguments) -> str | None:
    """A term with its Japanese script and reading in brackets after it."""
    term, *rest = a.unnamed or [""]
    inside = ", ".join(filter(None, rest[:3]))
    return f"{term} ({inside})".strip() if inside else term or None


def chinese(a: Arguments) -> str | None:
    labels = {"c": "Chinese", "s": "simplified Chinese", "t": "traditional Chinese", "p": "pinyin"}
    labels |= {"w": "Wade–Giles", "j": "Jyutping", "l": "lit."}
    said = [f"{labels[key]}: {a.named[key]}" for key in ("c", "s", "t", "p", "w", "j", "l") if a.named.get(key)]
    return "; ".join(said) or a[1] or None


def ship_of(a: Arguments) -> str | None:
    """`Victory` of the template named HMS."""
    return f"{a.name.upper()} {a[1]}" if a[1] else None


def ship(a: Arguments) -> str | None:
    return f"{a[1]} {a[2]}".strip() or None


def author_and_year(a: Arguments) -> str | None:
    *authors, year = a.unnamed or [""]
    if not authors:
        return None
    names = " & ".join(authors) if len(authors) < 3 else f"{authors[0]} et al."
    return f"{names} ({year})"


def music(a: Arguments) -> str | None:
    return ACCIDENTALS.get(a[1])


def century(after: str, a: Arguments) -> str | None:
    """The French `XIX|e` as "XIXe siècle"."""
    return f"{a[1]}{a[2] or 'e'}{after}" if a[1] else None


def siglo(a: Arguments) -> str | None:
    word = "século" if a.language == "pt" else "siglo"
    return f"{word} {a[1]}" if a[1] else None
