"""MediaWiki's parser functions and magic words whose values follow from a dump.

https://www.mediawiki.org/wiki/Help:Magic_words and https://www.mediawiki.org/wiki/Help:Extension:ParserFunctions
"""

import re
from collections.abc import Callable

from pipeline.languages.language import language_of
from pipeline.wikitext.elements import NOT_PROSE
from pipeline.wikitext.site import capitalized
from pipeline.wikitext.templates import quantities
from pipeline.wikitext.templates.definitions import Tree
from pipeline.wikitext.templates.expansion import Expander, Given, UnsureError

Function = Callable[[Expander, str, list[Tree], Given], str]

# Lua modules that show nothing: they put pages into maintenance categories.
SILENT = frozenset(["check for unknown parameters", "check for clobbered parameters", "templatetracking"])
ANY_NUMBER = re.compile(r"[-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:e[-+]?\d{1,3})?$", re.IGNORECASE | re.ASCII)
DOTLESS = str.maketrans("Iİ", "ıi")
NOT_SHOWN = frozenset(NOT_PROSE.split("|"))


def _part(e: Expander, parts: list[Tree], index: int, arguments: Given) -> str:
    """Return the part at `index` without the blanks around it, or an empty string."""
    return e.trimmed(parts[index], arguments) if index < len(parts) else ""


def _if(e: Expander, first: str, parts: list[Tree], arguments: Given) -> str:
    return _part(e, parts, 0 if first else 1, arguments)


def _if_equal(e: Expander, first: str, parts: list[Tree], arguments: Given) -> str:
    return _part(e, parts, 1 if _are_equal(first, _part(e, parts, 0, arguments)) else 2, arguments)


def _are_equal(one: str, other: str) -> bool:
    return one == other or bool(ANY_NUMBER.match(one) and ANY_NUMBER.match(other) and float(one) == float(other))


def _if_error(e: Expander, first: str, parts: list[Tree], arguments: Given) -> str:
    failed = 'class="error"' in first
    return _part(e, parts, 0 if failed else 1, arguments) if failed or len(parts) > 1 else first


def _switch(e: Expander, first: str, parts: list[Tree], arguments: Given) -> str:
    default: Tree = ""
    falls_through = is_default = False
    for number, part in enumerate(parts):
        key, value = part[1:] if isinstance(part, list) and part[0] == "=" else (part, None)
        case = e.trimmed(key, arguments)
        if value is None and number == len(parts) - 1:
            return case
        falls_through = falls_through or _are_equal(case, first)
        is_default = is_default or case.lower() == "#default"
        if falls_through and value is not None:
            return e.trimmed(value, arguments)
        if is_default and value is not None:
            default, is_default = value, False
    return e.trimmed(default, arguments)


def _tag(e: Expander, first: str, parts: list[Tree], arguments: Given) -> str:
    return "" if first.lower() in NOT_SHOWN else _part(e, parts, 0, arguments)


def _invoke(_: Expander, first: str, __: list[Tree], ___: Given) -> str:
    if first.lower() in SILENT:
        return ""
    raise UnsureError


def _number(e: Expander, first: str, parts: list[Tree], arguments: Given) -> str:
    raw = _part(e, parts, 0, arguments) in ("R", "NOSEP")
    return first if raw else quantities.grouped(first, e.site.language)


def _plural(e: Expander, first: str, parts: list[Tree], arguments: Given) -> str:
    """Return one of two forms, singular or plural; the rules of languages with more forms are not implemented."""
    if len(parts) > 2:
        raise UnsureError
    return _part(e, parts, 0 if first in ("1", "-1") or len(parts) == 1 else 1, arguments)


def _padded(e: Expander, first: str, parts: list[Tree], arguments: Given, *, left: bool) -> str:
    width, sign = _part(e, parts, 0, arguments), _part(e, parts, 1, arguments) if len(parts) > 1 else "0"
    if not (width.isascii() and width.isdigit() and len(width) < 4):
        return first
    filling = (sign * int(width))[: max(0, int(width) - len(first))]
    return filling + first if left else first + filling


def _title(e: Expander, *_: object) -> str:
    if not e.title:
        raise UnsureError
    return e.title


def _lower_first(e: Expander, first: str, *_: object) -> str:
    letter = first[:1].translate(DOTLESS) if language_of(e.site.language).title_i == "both" else first[:1]
    return letter.lower() + first[1:]


def _always(text: str) -> Function:
    return lambda *_: text


FUNCTIONS: dict[str, Function] = {
    "#if:": _if,
    "#ifeq:": _if_equal,
    "#iferror:": _if_error,
    "#switch:": _switch,
    "#tag:": _tag,
    "#invoke:": _invoke,
    "lc:": lambda _, first, *__: first.lower(),
    "uc:": lambda _, first, *__: first.upper(),
    "lcfirst:": _lower_first,
    "ucfirst:": lambda e, first, *_: capitalized(first, e.site.language),
    "formatnum:": _number,
    "plural:": _plural,
    "padleft:": lambda *a: _padded(*a, left=True),
    "padright:": lambda *a: _padded(*a, left=False),
    "grammar:": lambda e, _, parts, arguments: _part(e, parts, 0, arguments),
    "anchorencode:": lambda _, first, *__: first.replace(" ", "_"),
    **dict.fromkeys(("displaytitle:", "defaultsort:", "defaultsortkey:", "defaultcategorysort:"), _always("")),
    **dict.fromkeys(("PAGENAME", "FULLPAGENAME", "BASEPAGENAME", "SUBPAGENAME", "ROOTPAGENAME"), _title),
    **dict.fromkeys(("NAMESPACE", "NAMESPACEE"), _always("")),
    "NAMESPACENUMBER": _always("0"),
    "!": _always("|"),
    "=": _always("="),
}
