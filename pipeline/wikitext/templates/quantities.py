"""The text of templates of numbers, fractions and quantities."""

import re

from pipeline.languages.language import language_of
from pipeline.wikitext.characters import APART
from pipeline.wikitext.templates.renderings import Arguments

# Code, symbol, singular and plural of the units of {{convert}}; the plural is left out if it only adds an s.
MEASURES = """
    m|m|metre; km|km|kilometre; cm|cm|centimetre; mm|mm|millimetre; um|μm|micrometre; μm|μm|micrometre; nm|nm|nanometre;
    in|in|inch|inches; ft|ft|foot|feet; yd|yd|yard; mi|mi|mile; nmi|nmi|nautical mile; AU|AU|astronomical unit;
    ly|ly|light-year;
    km2|km²|square kilometre; sqkm|km²|square kilometre; m2|m²|square metre; sqm|m²|square metre; ha|ha|hectare;
    cm2|cm²|square centimetre; mm2|mm²|square millimetre; sqmi|sq mi|square mile; mi2|sq mi|square mile;
    sqft|sq ft|square foot|square feet; ft2|sq ft|square foot|square feet; sqyd|sq yd|square yard;
    sqin|sq in|square inch|square inches; acre|acre|acre; acres|acres|acre;
    km3|km³|cubic kilometre; m3|m³|cubic metre; cm3|cm³|cubic centimetre; cc|cc|cubic centimetre;
    cuyd|cu yd|cubic yard; cuft|cu ft|cubic foot|cubic feet; cuin|cu in|cubic inch|cubic inches;
    Tcuft|trillion cu ft|trillion cubic feet|trillion cubic feet; l|l|litre; L|L|litre; ml|ml|millilitre;
    gal|gal|gallon; USgal|US gal|US gallon; impgal|imp gal|imperial gallon; oilbbl|bbl|barrel;
    koilbbl|thousand bbl|thousand barrels|thousand barrels; Moilbbl|million bbl|million barrels|million barrels;
    Goilbbl|billion bbl|billion barrels|billion barrels;
    g|g|gram; kg|kg|kilogram; mg|mg|milligram; t|t|tonne; MT|t|metric ton; LT|long tons|long ton;
    ST|short tons|short ton; lb|lb|pound; lbs|lb|pound; oz|oz|ounce; st|st|stone|stone;
    km/h|km/h|kilometre per hour|kilometres per hour; kph|km/h|kilometre per hour|kilometres per hour;
    mph|mph|mile per hour|miles per hour; m/s|m/s|metre per second|metres per second;
    ft/s|ft/s|foot per second|feet per second; kn|kn|knot; knot|kn|knot;
    W|W|watt; kW|kW|kilowatt; MW|MW|megawatt; hp|hp|horsepower|horsepower; bhp|bhp|brake horsepower|brake horsepower;
    PS|PS|metric horsepower|metric horsepower; kV|kV|kilovolt; MHz|MHz|megahertz|megahertz; kPa|kPa|kilopascal;
    psi|psi|pound per square inch|pounds per square inch; Nm|N⋅m|newton-metre; lbft|lb⋅ft|pound-foot|pound-feet;
    C|°C|°C|°C; °C|°C|°C|°C; F|°F|°F|°F; °F|°F|°F|°F; K|K|K|K;
    PD/sqmi|/sq mi|inhabitant per square mile|inhabitants per square mile; /sqmi|/sq mi|per square mile|per square mile;
    PD/km2|/km²|inhabitant per square kilometre|inhabitants per square kilometre;
    /km2|/km²|per square kilometre|per square kilometre"""
UNITS_OF_MEASURE = {
    code: (symbol, one, *(many or [f"{one}s"]))
    for code, symbol, one, *many in (entry.split("|") for entry in " ".join(MEASURES.split()).split("; "))
}
POWER = re.compile(r"[-−]\d$|[2-9]$")
RAISED = str.maketrans("-−0123456789", "⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
UNIT = re.compile(r"(?:[^\W\d_]|[°$£€¥%]|/(?=\w))[^\n]{0,30}$")
POWERS = {"e3": "thousand ", "e6": "million ", "e9": "billion ", "e12": "trillion "}
CURRENCIES = {"": "$", "USD": "US$", "AUD": "A$", "CAD": "CA$", "GBP": "£", "EUR": "€", "JPY": "¥", "INR": "₹"}
# The words of {{convert}} between two numbers.
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
# 5, 1,300, .5, 4.5e6, 1/2, 8 1/2 and 8+1/2
QUANTITY = re.compile(r"[-−+]?(?:\d[\d,]*+(?<!,)|(?=\.\d))(?:\.\d++)?(?:e\d++|[ +]\d++(?://?\d++)?|//?\d++)?$")
SMALLER = {"ft": ("in",), "lb": ("oz",), "st": ("lb",), "yd": ("ft", "in"), "mi": ("ft", "yd")}


def fraction(a: Arguments) -> str | None:
    """Return `1|2` and `2` as "1/2", and `3|1|2` as "3 1/2"."""
    parts = a.unnamed
    if len(parts) == 3:
        return f"{parts[0]} {parts[1]}/{parts[2]}"
    if len(parts) == 2:
        return f"{APART}{parts[0]}/{parts[1]}"
    return f"{APART}1/{parts[0]}" if len(parts) == 1 else None


def convert(a: Arguments) -> str | None:
    """Return the quantity before its conversion: `5|km|mi` reads "5 kilometres"."""
    parts = a.unnamed
    said, at = _range(parts, a.language)
    unit = parts[at] if at < len(parts) else ""
    if not said or unit in RANGES or not (unit in UNITS_OF_MEASURE or UNIT.match(unit)):
        return said or None
    brief = a.named.get("abbr") in ("on", "in") or a.name == "cvt" or not language_of(a.language).spells_units
    if a[at + 3] in SMALLER.get(unit, ()) and QUANTITY.match(a[at + 2]):
        number = _spoken(a[at + 2], a.language)
        return f"{said} {_unit(unit, said, brief)} {number} {_unit(a[at + 3], number, brief)}"
    if "on" in (a.named.get("adj"), a.named.get("sing")) and not brief:
        return f"{said}-{_unit(unit, '1', brief)}"
    return f"{said} {_unit(unit, said, brief)}"


def _unit(code: str, number: str, brief: bool) -> str:
    """Return the text of the unit `code` after `number`; an unknown code is returned unchanged."""
    code = code.strip()
    power = next((power for power in POWERS if code.startswith(power)), "")
    code = code.removeprefix(power)
    symbol, one, many = UNITS_OF_MEASURE.get(code, (code, code, code))
    return POWERS.get(power, "") + (symbol if brief else one if number == "1" and not power else many)


def _range(parts: list[str], language: str) -> tuple[str, int]:
    """Return the numbers at the start of `parts` with the words between them, and the index after them."""
    said, at = "", 0
    while at < len(parts) and QUANTITY.match(parts[at]):
        said += _spoken(parts[at], language)
        at += 1
        if not (at + 1 < len(parts) and parts[at] in RANGES and QUANTITY.match(parts[at + 1])):
            break
        said += RANGES[parts[at]]
        at += 1
    return said, at


def quantity(a: Arguments) -> str | None:
    """Return `5|km` as "5 km" and `5|km|2` as "5 km²"; a unit may be the template's own name, heights are in metres."""
    own = "m" if a.name == "höhe" else UNITS_OF_MEASURE[a.name][0] if a.name in UNITS_OF_MEASURE else ""
    power = a[3].translate(RAISED) if a[2] and not own and POWER.match(a[3]) else ""
    return f"{a[1]} {own or a[2]}{power}".strip() or None


def value(unit_at: int, a: Arguments) -> str | None:
    """Return `1.5|e=6|u=km` as 1.5 times 10^6 km; without an argument for the unit, the second one is the error."""
    if not a[1]:
        return None
    power = f"×10^{a.named['e']}" if a.named.get("e") else ""
    error = f" ± {a[2]}" if a[2] and not unit_at else ""
    unit = a.named.get("u") or a.named.get("ul") or a[unit_at]
    return f"{grouped(a[1], a.language)}{error}{power} {unit}".strip()


def currency(a: Arguments) -> str | None:
    """Return `13 billion|USD` as "$13 billion"."""
    sign = CURRENCIES.get(a[2].upper(), f"{a[2]} " if a[2] else "")
    return f"{sign}{a[1]}" if a[1] else None


def _spoken(number: str, language: str) -> str:
    """Return `8+1/2` as "8 1/2", `4.5e6` as "4.5×10^6", and thousands grouped."""
    if "e" in number:
        return number.replace("e", "×10^")
    return number[:1] + number[1:].replace("+", " ").replace("//", "/") if "/" in number else grouped(number, language)


def grouped(number: str, language: str) -> str:
    """Return a number with its thousands grouped, as English wikis do; unchanged in most languages."""
    whole, point, decimals = number.partition(".")
    digits, sign = whole.removeprefix("-"), language_of(language).thousands
    if sign and digits.isascii() and digits.isdigit() and 3 < len(digits) < 300:
        return f"{int(whole):,}".replace(",", sign) + point + decimals
    return number
