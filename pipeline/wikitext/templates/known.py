"""Templates that are known by name: the text of templates that hold prose, and templates that show none.

These tables are used if a dump does not define a template, or defines it in Lua. To add a template, add its name (lower
case, spaces for underscores) to the table that fits: most templates show one of their parameters. A name that means
different things on different wikis goes under the language in `_LOCAL`. Block quotations are left out, as in all peers,
because dropping them breaks no sentence.
"""

import re
from collections.abc import Callable
from functools import partial

from pipeline.wikitext.characters import APOSTROPHE
from pipeline.wikitext.site import entries
from pipeline.wikitext.templates import dates, quantities
from pipeline.wikitext.templates import renderings as r
from pipeline.wikitext.templates.renderings import Arguments, labelled

Rendering = Callable[[Arguments], str | None]
_first = partial(r.parameter, 1)

# These show their first or second unnamed parameter.
FIRST = """
    nowrap|nobr|nobreak|no wrap|avoid wrap|tutto attaccato|нобр|small|smaller|petit|klein|big|bigger|large|larger|huge
    |em|strong|abbr|abbreviation|abbrv|tooltip|hover title|comment|tt|abréviation|abrév|abr|abreviatura|ruby|ルビ
    |nobold|noitalic|italic|bold|sic|not a typo|typo|as written|proper name|vanchor|visible anchor|dfn|mvar|math|var
    |strike|underline|uline|overline|ov|smallcaps|sc|smallcaps2|versalita|allcaps|caps|mono|kbd|code|key press
    |native name text|nq|esd
    |юникод|not a cn|unicode|hebrew|nastaliq|polytonic|polytonisch|iast|arabische schrift|hebr|خط عربي
    |補助漢字フォント|jis2004フォント|cp932フォント|citation needed span|cn-span|cn span|fix-span|clarify span
    |clarification needed span|disputed span|update span|cita requerida|refnec|référence nécessaire
    |référence insuffisante|passage non neutre|passage évasif|quand|flag|flagcountry|flagu|flagdeco name
    |флагификация|прапорифікація|vlajka a název|وإو|formatnum|format price|nts
    |fmtn|formnum|num|число|railgauge|track gauge|chem2|sup|sub|exp|ind
    |لغة-أل|ألمانية|إنجليزية|فرنسية|لاتينية|إسبانية|إيطالية|روسية|يونانية|تركية|فارسية|عبرية
    |إنج|فرن|ألم|لات|إسب|إيط|روس|ترك|صغير|קטן|mlby|nhly"""
SECOND = """
    lang|langue|wikt-lang|rtl-lang|color|colour|font color|farbe|cizojazyčně|vjazyce2|dil|citation étrangère
    |color text|en langue|llang|språk|idioma|lingua|langue texte|taal|llengua|мова|שפה|لغة|fontsize|font size"""
# These show the title of an article that exists only on another wiki.
ARTICLE = """
    ill|ill2|illm|interlanguage link|interlanguage link multi|link-interwiki|仮リンク|임시링크|link-en|link-de
    |link-fr|link-ja|internal link helper/en"""

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
    return {name: rendering for names, rendering in table.items() for name in entries(names)}


def _literal(sign: str) -> str:
    return sign.replace("'", APOSTROPHE)


RENDERINGS = _by_name(
    {
        FIRST: _first,
        SECOND: partial(r.parameter, 2),
        ARTICLE: r.article,
        "ill-wd": partial(r.parameter, 3),
        "transl|transliteration": lambda a: a.unnamed[-1] if a.unnamed else None,
        **{names: partial(r.constant, _literal(sign)) for sign, names in SIGNS.items()},
        "end|table end|s-end|fin|fine": partial(r.constant, "\n|}\n"),
        **{names: partial(r.around, _literal(before), _literal(after)) for (before, after), names in AROUND.items()},
        "convert|cvt|conv|convertir": quantities.convert,
        "currency": quantities.currency,
        "unité|unidad|unidade|unit|tmp|höhe": quantities.quantity,
        "val": quantities.value,
        "frac|fraction|fract|sfrac|bruch|fracción": quantities.fraction,
        "chem|chemf|linktext": r.joined,
        "gaps|bibleverse|bibleref": r.spaced,
        """dts|start date|end date|birth date|death date|birth date and age|death date and age|film date|date|date-
        |fecha|data|datum|dată|дата|תאריך|dtlink|生年月日|没年月日|출생일|사망일|ngày sinh|ngày mất""": dates.date,
        "as of|asof": dates.as_of,
        "nihongo|読み仮名|読み仮名 ruby不使用": r.nihongo,
        "langx": lambda a: labelled(a[1], r.parameter(2, a), a),  # replaced lang-fr on English Wikipedia in 2024
        "zh|lang-zh": r.chinese,
        "uss|hms|ss|rms|hmas|hmcs|usns|ms|mv|sms|hnlms": lambda a: f"{a.name.upper()} {a[1]}" if a[1] else None,
        "ship": lambda a: f"{a[1]} {a[2]}".strip() or None,
        "harvtxt": r.author_and_year,
        "oldstyledate|old style date": lambda a: f"{a[1]} [O.S. {a[3]}] {a[2]}" if a[1] and a[3] else None,
        "music": lambda a: ACCIDENTALS.get(a[1]),
        "lien": lambda a: a.named.get("texte") or a.named.get("fr") or a[1] or None,
        "resize": r.second_or_first,
        "нп|нп1|нп2|нп3|нп4|нп5|не переведено|не переведено 2|не переведено 3|iw|не перекладено": r.second_or_first,
    }
)

# Names with a meaning on one wiki only.
_LOCAL: dict[str, dict[str, Rendering]] = {
    "ca": {
        "segle": partial(r.around, "segle ", ""),
        "unitats|unitat": quantities.quantity,
        "versaleta|cn": _first,
        "e": r.spaced,
    },
    "cs": {"nezalamovat": _first, "d": dates.date, "km|m": quantities.quantity, "fakt/dne": partial(r.parameter, 2)},
    "de": {
        '"': partial(r.around, "„", "“"),
        "§": partial(r.around, "§ ", ""),
        """ens|frs|las|its|ess|rus|els|pls|css|nls|svs|das|hus|trs|jas|zhs|ars|pts|hes|fis|uks|grcs|nos|ros|fas|kos|cas
        |hrs|srs""": lambda a: labelled(a.name.removesuffix("s"), r.parameter(1, a), a),
    },
    "fr": {
        "s|s-|sp|sp-|siècle": partial(dates.century, ""),
        "-s|-s-|-sp|-sp-": partial(dates.century, " av. J.-C."),
        "nombre|nb": r.spaced,
        "date de naissance|date de décès|date de naissance-|date de décès-": dates.date,
        **{name.lower(): partial(r.around, f"{name} ", "") for name in ("Mme", "Mlle", "M.", "Dr", "Mgr", "St", "Ste")},
        "guil|citation": partial(r.around, "« ", " »"),
        "er|re|e": lambda a: a.name,
        "heure|h": dates.hour,
        "euro|euros": partial(r.around, "", " €"),
        "n°|numéro": partial(r.around, "no ", ""),
        "p.|pp.|page|pages": lambda a: f"p. {a[1]}" if a[1] else None,
        "etc.|etc": partial(r.constant, " etc."),
        "pc|petites capitales|rom|rom-maj|terme défini|indice|formule|latin": _first,
        "japonais": r.nihongo,
        "fchim": r.joined,
    },
    "es": {"siglo": dates.spanish_century},
    "eo": {"dato": dates.date},
    "fa": {"به انگلیسی|به فرانسوی|به آلمانی|به عربی|به لاتین|به روسی|به ترکی|عبارت چپ‌چین|چر": _first},
    "hu": {"szám|szám2": _first, "ford": r.second_or_first},
    "it": {
        "m": quantities.value,
        "sp": partial(r.constant, " "),
        "ta|chiarire|senza fonte|citazione necessaria|cn|non chiaro": _first,
        "unità di misura|unità": quantities.quantity,
    },
    "ja": {"enlink|要出典範囲|和暦|by": _first},
    "ko": {"한자|국기|국기나라|가사|루비": _first},
    "lv": {"val": partial(r.parameter, 2)},
    "pl": {"j|lang2": partial(r.parameter, 2), "fakt|dopracuj tekst": _first},
    "pt": {"séc": lambda a: f"século {a[1]}" if a[1] else None, "dni|nascimento|morte": dates.date},
    "ro": {"conversie|convertește": quantities.convert, "unitate": quantities.quantity},
    "ru": {"s|нет аи 2|прим текст": _first, "тире": partial(r.constant, " — ")},
    "zh": {"bd": dates.lifetime, "le|lang-jp|僻字|僻|rb": _first, "tsl|translink": partial(r.parameter, 3)},
}
LOCAL = {language: _by_name(table) for language, table in _LOCAL.items()}

# The prefixes of names such as `lang-fr` and `script/Hebrew`.
FAMILIES: dict[str, Rendering] = {
    **dict.fromkeys(("lang-", "vol-"), lambda a: labelled(a.name.partition("-")[2], r.parameter(1, a), a)),
    "script/": _first,
}
# Names that are the shown text: the French `XXe siècle`, `84e|congrès`, `1er mai` and `Louis XIV`, the Polish `ang.`
SPOKEN = {
    "fr": re.compile(
        r"-?(?:[ivxlc]+|\d+)(?:er|re|ère|e|ème)(?: siècle.{0,40})?$|1er [^\W\d]+(?: \d{4})?$"
        r"|[^\W\d]+(?:[ -][^\W\d]+)? [ivx]+(?:er)?$"
    ),
    "pl": re.compile(r"[^\W\d]+\.(?:-[^\W\d]+\.)?$"),
}

# The first word of the names, in any language, of templates that show no words of the sentence: references, notes to
# editors, pronunciations, coordinates, flags, boxes, links to other projects.
NO_WORDS = re.compile(
    r"""(?:cite|citation|cit[ao]|citar|cit|cytuj|ouvrage|article|literatur|internetquelle|книга|статья|ouvr|lien[ ]web
    |sfnp?|sfnm?|harv\w*|refn?|efn\w*|notetag|notelist|note|nota|not|fn|rp|r|fnb|odn|uwaga|citace|citát|הערה|מקור|אנ
    |fußnote|przypis|refhely|jegyzet|verweis |sf|refsou|réf|קישור|הערת
    |isbn|issn|doi|oclc|pmid|arxiv|bibcode|asin|lccn|imdb|wikidata|wayback|webarchiv\w*
    |ipa\w*|api|msapi|phon\w*|lautschrift|pron\w*|respell|audio|listen|link[ ]audio|소리|ses|dźwięk
    |afi|мфа|آوا|tarimas|uitspraak|ouvir|výslovnost|výsl|ääntäminen|uttal|udtale|изговор|вимова|произношение
    |coord\w*|koord\w*|lunar|flag\w*|bandiera|bandera|bandeira|drapeau|vlajka|zászló|bayrak
    |флаг|прапор(?:ець)?|steag|vs\w*vlag|דגל|پرچم[ ]تصویر|نشان[ ]پرچم|국기그림|각주|주석|lingue |علم|یاد\w*|پاورقی|پک|سخ
    |fact|cn|when|who|which|where|why|vague|clarify|dubious|better|page[ ]needed|verify|failed|full
    |bron\?|toter|kaynak|lähde|нет[ ]аи|источник|когда|кто|где|要出典|출처|مدرک|référence|refnec|refimprove
    |unreliable|update |main|see[ ]also|further|zie|portal|commons\w*|wiktionary|stub|infobox|taxobox|legend|legenda
    |anchor|anchors|anker|ancre|sort\w*|dts|quote|blockquote|quotation|center|largethumb|clear\w*|use|defaultsort|inflation
    |age|âge|alter|ålder|alder|edad|edat|edades|età|idade|leeftijd|věk|vek|vârstă|возраст|вік|tính[ ]tuổi|גיל|سن
    |population|metadaten|border|marker)
    (?![^\W_])""",
    re.VERBOSE,
)


def rendering_of(name: str, language: str) -> Rendering | None:
    """Return the rendering of a template called `name` (in lower case) on a wiki; None if it is not known."""
    family = next((FAMILIES[start] for start in FAMILIES if name.startswith(start)), None)
    rendering = LOCAL.get(language, {}).get(name) or RENDERINGS.get(name) or family
    if rendering is None and language in SPOKEN and SPOKEN[language].match(name):
        return lambda a: f"{a.written} {a[1]}".strip()
    return rendering
