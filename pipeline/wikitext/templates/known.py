"""Templates that are known by name: the text of templates that hold prose, and templates that show none.

These are used if a dump does not define a template, or defines it in Lua. To add a template, add its name (lower case,
spaces for underscores) to a language's file in pipeline/languages, or to `common.toml`, behind the kind that fits: most
templates show one of their parameters. A name that means different things on different wikis goes into `templates`, any
other into `names`. Block quotations are left out, as in all peers, because dropping them breaks no sentence.
"""

import re
from collections.abc import Callable
from functools import partial

from pipeline.languages.language import all_names, entries, language_of, languages
from pipeline.wikitext.characters import APOSTROPHE
from pipeline.wikitext.templates import dates, quantities
from pipeline.wikitext.templates import renderings as r
from pipeline.wikitext.templates.renderings import Arguments, labelled

Rendering = Callable[[Arguments], str | None]
_first = partial(r.parameter, 1)

# What the files of languages call them.
BY_KIND: dict[str, Rendering] = {
    "first": _first,
    "second": partial(r.parameter, 2),
    "third": partial(r.parameter, 3),
    "second_or_first": r.second_or_first,
    "article": r.article,
    "joined": r.joined,
    "spaced": r.spaced,
    "nihongo": r.nihongo,
    "own_name": lambda a: a.name,
    "language_s": lambda a: labelled(a.name.removesuffix("s"), r.parameter(1, a), a),
    "convert": quantities.convert,
    "quantity": quantities.quantity,
    "measure": partial(quantities.value, 3),
    "fraction": quantities.fraction,
    "date": dates.date,
    "century": partial(dates.century, ""),
    "century_bc": partial(dates.century, " av. J.-C."),
    "spanish_century": dates.spanish_century,
    "hour": dates.hour,
    "lifetime": dates.lifetime,
}

SIGNS = {
    " ": "nbsp|space|spaces|nnbsp|thinsp|thin space|hair space|hairsp|0|ensp|emsp|figure space",
    "–": "ndash|en dash|endash|–",
    "—": "mdash|em dash|emdash|—|dash|mdashb",
    " – ": "snd|snds|spnd|sndash|spaced ndash|spaced en dash|tiret",
    " — ": "spaced mdash|spaced em dash|тире",
    " · ": "·|dot|middot|•|bull|bullet|interpunct",
    "'": "'|`|’|apostrophe|-'",
    "'s": "'s|’s|`s",
    "'\"": "'\"|' \"",
    "\"'": "\"'|\" '",
    "\n": "br|break|clear|-|pb|paragraph break|absatz|clearboth",
    "=": "=", "|": "!", "{": "(|lbrace", "}": ")|rbrace", "[": "lbrack", "]": "rbrack", "...": "...|ellipsis",
    "×": "times", "−": "minus", "°": "degree", "π": "pi", "№": "numero", "#": "number sign|hash",
    "♯": "sharp", "♭": "flat", "♮": "natural", "ʻ": "okina", "ʾ": "hamza", "ʿ": "ayin",
    "\u200d": "zwj", "\u200c": "zwnj", "": "shy|wbr|zwsp|lrm|rlm",
    "av. J.-C.": "av jc|avjc|av. j.-c.", "apr. J.-C.": "apr jc|apr. j.-c.", "Ier": "ier", "Ire": "ire",
    "1er": "1er", "1re": "1re", "a. C.": "a.c.", "d. C.": "d.c.",
    "هـ": "هـ", "ق.م": "ق.م",
}  # fmt: skip

# These put something around their first parameter.
AROUND = {
    ("c. ", ""): "circa|c.|ca.|ca", ("fl. ", ""): "floruit|fl.", ("r. ", ""): "reign|r.", ("No. ", ""): "no.",
    ("US$", ""): "us$|usd", ("A$", ""): "a$|aud", ("£", ""): "£|gbp", ("€", ""): "€|eur", ("¥", ""): "¥|jpy|yen",
    ("₹", ""): "₹|inr", ("√", ""): "radic|sqrt", ("×10^", ""): "e", ("U.S. Patent ", ""): "us patent",
    ("⟨", "⟩"): "angbr|angle bracket|vr", ("'", "'"): "gloss", ("[", "]"): "bracket|sbrack", ("– ", " –"): "incise",
    ("", "°"): "deg",
}  # fmt: skip

ACCIDENTALS = {"sharp": "♯", "flat": "♭", "natural": "♮", "#": "♯", "b": "♭"}


def _by_name(table: dict[str, Rendering]) -> dict[str, Rendering]:
    """Return the table with one entry for each name in a key."""
    return {name: rendering for key, rendering in table.items() for name in entries(key)}


def _literal(sign: str) -> str:
    return sign.replace("'", APOSTROPHE)


RENDERINGS = _by_name(
    {
        **{name: rendering for kind, rendering in BY_KIND.items() for name in all_names(kind)},
        "ill-wd": partial(r.parameter, 3),
        "transl|transliteration": lambda a: a.unnamed[-1] if a.unnamed else None,
        **{key: partial(r.unchanging, _literal(sign)) for sign, key in SIGNS.items()},
        "end|table end|s-end|fin|fine": partial(r.unchanging, "\n|}\n"),
        **{key: partial(r.around, _literal(before), _literal(after)) for (before, after), key in AROUND.items()},
        "currency": quantities.currency,
        "val": partial(quantities.value, 0),
        "chem|chemf|linktext": r.joined,
        "gaps|bibleverse|bibleref": r.spaced,
        "as of|asof": dates.as_of,
        "langx": lambda a: labelled(a[1], r.parameter(2, a), a),  # replaced lang-fr on English Wikipedia in 2024
        "zh|lang-zh": r.chinese,
        "uss|hms|ss|rms|hmas|hmcs|usns|ms|mv|sms|hnlms": lambda a: f"{a.name.upper()} {a[1]}" if a[1] else None,
        "ship": lambda a: f"{a[1]} {a[2]}".strip() or None,
        "harvtxt": r.author_and_year,
        "oldstyledate|old style date": lambda a: f"{a[1]} [O.S. {a[3]}] {a[2]}" if a[1] and a[3] else None,
        "music": lambda a: ACCIDENTALS.get(a[1]),
        "lien": lambda a: a.named.get("texte") or a.named.get("fr") or a[1] or None,
    }
)

# Names with a meaning on a language's wikis only.
LOCAL: dict[str, dict[str, Rendering]] = {
    code: {
        **{name: BY_KIND[kind] for kind in BY_KIND.keys() & one.templates for name in entries(one.templates[kind])},
        **{name.lower(): partial(r.around, f"{name} ", "") for name in entries(one.templates.get("before", ""))},
        **_by_name({key: partial(r.filled, form) for key, form in one.shows.items()}),
    }
    for code, one in languages().items()
}

# The prefixes of names such as `lang-fr` and `script/Hebrew`.
FAMILIES: dict[str, Rendering] = {
    **dict.fromkeys(("lang-", "vol-"), lambda a: labelled(a.name.partition("-")[2], r.parameter(1, a), a)),
    "script/": _first,
}
# The first word of the names of templates that show no words of the sentence: references, notes to editors,
# pronunciations, coordinates, flags, boxes, links to other projects.
NO_WORDS = re.compile(rf"(?:{'|'.join(all_names('no_words'))})(?![^\W_])")


def rendering_of(name: str, language: str) -> Rendering | None:
    """Return the rendering of a template called `name` (in lower case) on a wiki; None if it is not known."""
    family = next((FAMILIES[start] for start in FAMILIES if name.startswith(start)), None)
    rendering = LOCAL.get(language, {}).get(name) or RENDERINGS.get(name) or family
    spoken = language_of(language).spoken
    if rendering is None and spoken and re.fullmatch(spoken, name, re.VERBOSE):
        return lambda a: f"{a.written} {a[1]}".strip()
    return rendering
