"""How the templates of numbers, fractions and quantities read."""

import re

from pipeline.wikitext.measures import is_unit, symbol_or_name
from pipeline.wikitext.renderings import Arguments
from pipeline.wikitext.scan import APART

# What {{convert}} takes between two numbers.
RANGES = {
    **dict.fromkeys(["-", "–"], "–"),
    **dict.fromkeys(["to", "to(-)"], " to "),
    **dict.fromkeys(["and", "and(-)", "&"], " and "),
    **dict.fromkeys(["x", "×", "xx", "*", "x(-)"], " × "),
    **dict.fromkeys(["+/-", "±", "+/−"], " ± "),
    **dict.fromkeys(["by", "by(x)"], " by "),
    **{sign: f" {sign} " for sign in ("or", "+", "to about", "and about", "or about", "up to")},
    **{",": ", ", ", and": ", and ", ",and": ", and ", ", or": ", or ", ",or": ", or ", "/": "/"},
}
# 5, 1,300, .5, 1/2, 8 1/2 and 8+1/2
NUMBER = re.compile(r"[-−+]?(?:\d[\d,]*+(?<!,)|(?=\.\d))(?:\.\d++)?(?:[ +]\d++(?://?\d++)?|//?\d++)?$")
SMALLER = {"ft": ("in",), "lb": ("oz",), "st": ("lb",), "yd": ("ft", "in"), "mi": ("ft", "yd")}


def fraction(a: Arguments) -> str | None:
    """1/2 of `1|2`, 1/2 of `2`, 3 1/2 of `3|1|2`."""
    parts = a.unnamed
    if len(parts) == 3:
        return f"{parts[0]} {parts[1]}/{parts[2]}"
    if len(parts) == 2:
        return f"{APART}{parts[0]}/{parts[1]}"
    return f"{APART}1/{parts[0]}" if len(parts) == 1 else None


def convert(a: Arguments) -> str | None:
    """The quantity that is converted, as it was given: `5|km|mi` reads "5 kilometres"."""
    parts = a.unnamed
    said, at = _range(parts, a.language)
    unit = parts[at] if at < len(parts) else ""
    if not said or unit in RANGES or not is_unit(unit):
        return said or None
    brief = a.named.get("abbr") in ("on", "in") or a.language != "en"
    if a[at + 3] in SMALLER.get(unit, ()) and NUMBER.match(a[at + 2]):
        number = _spoken(a[at + 2], a.language)
        return f"{said} {symbol_or_name(unit, said, brief)} {number} {symbol_or_name(a[at + 3], number, brief)}"
    if "on" in (a.named.get("adj"), a.named.get("sing")) and not brief:
        return f"{said}-{symbol_or_name(unit, '1', brief)}"
    return f"{said} {symbol_or_name(unit, said, brief)}"


def _range(parts: list[str], language: str) -> tuple[str, int]:
    """The numbers that `parts` begin with and the words between them, and where what follows them is."""
    said, at = "", 0
    while at < len(parts) and NUMBER.match(parts[at]):
        said += _spoken(parts[at], language)
        at += 1
        if not (at + 1 < len(parts) and parts[at] in RANGES and NUMBER.match(parts[at + 1])):
            break
        said += RANGES[parts[at]]
        at += 1
    return said, at


def quantity(a: Arguments) -> str | None:
    """`5|km` as "5 km"; heights above sea level name their reference after the number."""
    unit = "m" if a.name == "höhe" else a[2]
    return f"{a[1]} {unit}".strip() or None


def value(a: Arguments) -> str | None:
    """`1.5|e=6|u=km` as 1.5 times 10^6 km."""
    if not a[1]:
        return None
    power = f"×10^{a.named['e']}" if a.named.get("e") else ""
    error = f" ± {a[2]}" if a[2] and a.language != "it" else ""
    unit = a.named.get("u") or a.named.get("ul") or (a[3] if a.language == "it" else "")
    return f"{_grouped(a[1], a.language)}{error}{power} {unit}".strip()


def formatted_number(a: Arguments) -> str | None:
    return _grouped(a.after_colon, a.language) if NUMBER.match(a.after_colon) else None


def _spoken(number: str, language: str) -> str:
    """`8+1/2` as "8 1/2", and thousands grouped."""
    return number[:1] + number[1:].replace("+", " ").replace("//", "/") if "/" in number else _grouped(number, language)


def _grouped(number: str, language: str) -> str:
    """English groups thousands; elsewhere a number stays as it was written."""
    whole, point, decimals = number.partition(".")
    digits = whole.removeprefix("-")
    if language == "en" and digits.isascii() and digits.isdigit() and 3 < len(digits) < 300:
        return f"{int(whole):,}{point}{decimals}"
    return number
