"""Renderings: functions from a template's arguments to its text, or to None if it shows nothing."""

import re

from babel import Locale

from pipeline.languages.language import language_of

# The names of the argument with the shown text, if it has a name.
SHOWN = ("lt", "label", "text", "texte", "quote", "نص", "عر")
CHINESE = "cstpwjl"  # the parameters of the spellings of a Chinese name
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,8})*$")  # the code of one
WITH_RANGES = ("c. ", "fl. ", "r. ")


class Arguments:
    """A template's arguments, without other markup, its name, and the language of its wiki.

    `body` is the text between the braces.
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
            # An equals sign inside a tag or an address separates nothing.
            if equals and position is None and "<" not in key and "/" not in key:
                self.named[key.lower()] = value
            elif equals and position is not None and position < 100:
                self.unnamed += [""] * (position - len(self.unnamed))
                if position:
                    self.unnamed[position - 1] = value
            else:
                self.unnamed.append(part.strip())

    def __getitem__(self, position: int) -> str:
        """Return the unnamed argument at `position`, counted from 1 as on a wiki, or an empty string."""
        return self.unnamed[position - 1] if 0 < position <= len(self.unnamed) else ""


def integer(text: str) -> int | None:
    """Return the number in `text`, if it has few ASCII digits: `int` raises for thousands of them and for "²"."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def parameter(position: int, a: Arguments) -> str | None:
    """Return the shown argument: one with a known name, or else the one at `position`."""
    return next((a.named[name] for name in SHOWN if a.named.get(name)), None) or a[position] or None


def unchanging(text: str, _: Arguments) -> str | None:
    """Return `text`, whatever the arguments."""
    return text


def around(before: str, after: str, a: Arguments) -> str | None:
    """Return the first argument, or a range of two, between two signs; without arguments, the signs alone."""
    text = parameter(1, a)
    if text and a[2] and before in WITH_RANGES:
        text = f"{text}–{a[2]}"
    return f"{before}{text or ''}{after}".strip() if text or not (before and after) else None


def spaced(a: Arguments) -> str | None:
    """Return the first three arguments with blanks between them."""
    return " ".join(filter(None, a.unnamed[:3])) or None


def joined(a: Arguments) -> str | None:
    """Return all arguments with nothing between them."""
    return "".join(a.unnamed) or None


def filled(form: str, a: Arguments) -> str | None:
    """Return a form of `Language.shows` with the arguments in their places."""
    if "{1}" in form:
        return form.replace("{1}", a[1]) if a[1] else None
    before, braces, after = form.partition("{}")
    return around(before, after, a) if braces else form


def second_or_first(a: Arguments) -> str | None:
    """Return the second argument, or the first if there is no second."""
    return a[2] or a[1] or None


def article(a: Arguments) -> str | None:
    """Return the title of an article that another wiki has: `Foo|de|Bar`, or `de|Foo|Bar` on some wikis."""
    return parameter(2 if a[2] and LANGUAGE.match(a[1]) else 1, a)


def nihongo(a: Arguments) -> str | None:
    """Return a term with its Japanese script and reading in brackets after it."""
    inside = ", ".join(filter(None, a.unnamed[1:4]))
    return f"{a[1]} ({inside})".strip() if inside else a[1] or None


def chinese(a: Arguments) -> str | None:
    """Return the spellings of a Chinese name, with their labels if the wiki has them."""
    labels = language_of(a.language).chinese_labels
    found = {key: a.named[key] for key in CHINESE if a.named.get(key)}
    spellings = (f"{labels[key]}: {text}" if key in labels else text for key, text in found.items())
    return "; ".join(dict.fromkeys(spellings)) or a[1] or None


def author_and_year(a: Arguments) -> str | None:
    """Return `Smith|Jones|1999` as "Smith & Jones (1999)"."""
    *authors, year = a.unnamed or [""]
    names = " & ".join(authors) if len(authors) < 3 else f"{authors[0]} et al."
    return f"{names} ({year})" if authors else None


def label_of(code: str, language: str) -> str:
    """Return the label of the language of a code on a wiki; empty if there is none."""
    own = language_of(language)
    if code in own.labels or not own.babel_labels:
        return own.labels.get(code, "")
    name: str = Locale(language).languages.get(code, "")
    return name.lower() if own.babel_labels == "lower" else name


def labelled(code: str, text: str | None, a: Arguments) -> str | None:
    """Return "French: mot" if the wiki has a label for the language of a code, else "mot"."""
    label = "" if "short" in code else label_of(code.partition("-")[0], a.language)
    return f"{label}{language_of(a.language).label_separator}{text}" if text and label else text
