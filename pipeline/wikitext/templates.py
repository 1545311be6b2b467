"""The templates that carry prose, and how each reads. All others are dropped.

To teach another one, add its name (lower case, spaces for underscores) to the table it fits: most templates
just show one of their parameters. A name that means different things on different wikis goes under the
language in `LOCAL`. Block quotations stay out, as with every peer: dropping them breaks no sentence.
"""

from collections.abc import Callable
from functools import partial

from pipeline.wikitext import languages, quantities
from pipeline.wikitext import renderings as r
from pipeline.wikitext.links import without_links
from pipeline.wikitext.renderings import Arguments
from pipeline.wikitext.scan import APOSTROPHE
from pipeline.wikitext.site import Site

Rendering = Callable[[Arguments], str | None]


def _names(text: str) -> list[str]:
    return [" ".join(name.split()) for name in text.split("|")]


def _all(names: str, rendering: Rendering) -> dict[str, Rendering]:
    return dict.fromkeys(_names(names), rendering)


def _literal(sign: str) -> str:
    return sign.replace("'", APOSTROPHE)


# These show their first, second or last unnamed parameter.
FIRST = """
nowrap|nobr|nobreak|no wrap|avoid wrap|tutto attaccato|нобр|small|smaller|petit|klein|big|bigger|large
|larger|huge|resize|em|strong|abbr|abbreviation|abbrv|tooltip|hover title|comment|tt|abréviation|abrév
|abr|abreviatura|ruby|ルビ|nobold|noitalic|italic|bold|sic|not a typo|typo|as written|proper name
|vanchor|visible anchor|dfn|mvar|math|var|linktext|strike|underline|uline|overline|ov|smallcaps|sc
|smallcaps2|versalita|allcaps|caps|mono|kbd|code|key press|native name text|nq|unicode|hebrew|nastaliq
|polytonic|polytonisch|iast|arabische schrift|hebr|خط عربي|補助漢字フォント|jis2004フォント
|cp932フォント|citation needed span|cn-span|cn span|fix-span|clarify span|clarification needed span
|disputed span|update span|cita requerida|refnec|référence nécessaire|référence insuffisante
|passage non neutre|passage évasif|quand|flag|flagcountry|flagu|ill|illm|interlanguage link
|interlanguage link multi|link-interwiki|仮リンク|link-en|link-de|link-fr|link-ja|وإو|formatnum|format price|nts|fmtn
|formnum|num|число|railgauge|track gauge|chem2|sup|sub|exp|ind
|لغة-أل|ألمانية|إنجليزية|فرنسية|لاتينية|إسبانية|إيطالية|روسية|يونانية|تركية|فارسية|عبرية
"""
SECOND = """
lang|langue|wikt-lang|rtl-lang|color|colour|font color|farbe|cizojazyčně|vjazyce2|dil|citation étrangère
|color text
"""
LAST = "transl|transliteration"

SIGNS = {
    " ": "nbsp|space|spaces|nnbsp|thinsp|thin space|hair space|hairsp|0|ensp|emsp|figure space",
    "–": "ndash|en dash|–",
    "—": "mdash|em dash|—|dash|mdashb",
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
    "1er": "1er", "1re": "1re", "Mme": "mme", "Mgr": "mgr", "a. C.": "a.c.", "d. C.": "d.c.",
    "هـ": "هـ", "ق.م": "ق.م",
}  # fmt: skip

# These wrap their first parameter in something.
AROUND = {
    ("c. ", ""): "circa|c.|ca.|ca",
    ("fl. ", ""): "floruit|fl.",
    ("r. ", ""): "reign|r.",
    ("US$", ""): "us$|usd",
    ("A$", ""): "a$|aud",
    ("£", ""): "£|gbp",
    ("€", ""): "€|eur",
    ("¥", ""): "¥|jpy|yen",
    ("₹", ""): "₹|inr",
    ("No. ", ""): "no.",
    ("√", ""): "radic|sqrt",
    ("×10^", ""): "e",
    ("U.S. Patent ", ""): "us patent",
    ("⟨", "⟩"): "angbr|angle bracket|vr",
    ("'", "'"): "gloss",
    ("[", "]"): "bracket|sbrack",
    ("– ", " –"): "incise",
    ("", "°"): "deg",
}

RENDERINGS: dict[str, Rendering] = {
    **_all(FIRST, partial(r.parameter, 1)),
    **_all(SECOND, partial(r.parameter, 2)),
    **_all(LAST, r.last),
    **{name: partial(r.constant, _literal(sign)) for sign, names in SIGNS.items() for name in _names(names)},
    **_all("end|table end|s-end|fin|fine", partial(r.constant, "\n|}\n")),
    **{
        name: partial(r.around, _literal(before), _literal(after))
        for (before, after), names in AROUND.items()
        for name in _names(names)
    },
    **_all("convert|cvt|conv|convertir", quantities.convert),
    **_all("unité|unidad|unidade|unit|tmp|höhe", quantities.quantity),
    **_all("val", quantities.value),
    **_all("frac|fraction|fract|sfrac|bruch|fracción", quantities.fraction),
    **_all("chem|chemf", r.joined),
    **_all("gaps|bibleverse|bibleref|date-|fecha|data", r.spaced),
    **_all(
        "dts|start date|end date|birth date|death date|birth date and age|death date and age|film date",
        r.date,
    ),
    **_all("as of|asof", r.as_of),
    **_all("nihongo|読み仮名|読み仮名 ruby不使用", r.nihongo),
    **_all("langx", languages.labelled_by_parameter),
    **_all("zh|lang-zh", r.chinese),
    **_all("uss|hms|ss|rms|hmas|hmcs|usns|ms|mv|sms|hnlms", r.ship_of),
    **_all("ship", r.ship),
    **_all("harvtxt", r.author_and_year),
    **_all("oldstyledate|old style date", r.old_style_date),
    **_all("music", r.music),
    **_all("lien", r.lien),
    **_all(
        "нп|нп1|нп2|нп3|нп4|нп5|не переведено|не переведено 2|не переведено 3|iw|не перекладено",
        r.second_or_first,
    ),
}

# What a name means on one wiki only.
LOCAL: dict[str, dict[str, Rendering]] = {
    "de": {
        '"': partial(r.around, "„", "“"),
        "§": partial(r.around, "§ ", ""),
        **dict.fromkeys((f"{code}s" for code in languages.LABELS["de"]), languages.labelled_by_prefix),
    },
    "fr": {
        **_all("s|sp|siècle", partial(r.century, " siècle")),
        **_all("s-|-s", partial(r.century, " s.")),
        **_all("date|nombre|nb", r.spaced),
        **_all("guil|citation", partial(r.around, "« ", " »")),
        **{name: partial(r.constant, name) for name in ("er", "re", "e")},
    },
    "es": {"siglo": r.siglo},
    "pt": {"séc": r.siglo, "dtlink": r.spaced},
    "it": {"m": quantities.value},
    "pl": {"j": partial(r.parameter, 2)},
    "ru": {"s": partial(r.parameter, 1)},
}

# What names such as `lang-fr`, `formatnum:1234` and `script/Hebrew` begin with.
FAMILIES: dict[str, Rendering] = {
    "lang-": languages.labelled,
    "vol-": languages.labelled,
    "formatnum:": quantities.formatted_number,
    "lc:": r.after_colon,
    "uc:": r.after_colon,
    "script/": partial(r.parameter, 1),
}


def renderer(site: Site, name: str) -> Callable[[str], str | None] | None:
    """What makes prose of the body of a template called `name`, or None where that template carries none."""
    name = name.strip().replace("_", " ").lower()
    rendering = LOCAL.get(site.language, {}).get(name) or RENDERINGS.get(name)
    if rendering is None and (":" in name or "-" in name or "/" in name):
        rendering = next((FAMILIES[start] for start in FAMILIES if name.startswith(start)), None)
    return partial(_render, rendering, site, name) if rendering else None


def _render(rendering: Rendering, site: Site, name: str, body: str) -> str | None:
    return rendering(Arguments.of(name, site.language, without_links(body, site)))
