"""Language variants: `-{zh-hans:A;zh-hant:B}-` replaced by the text that a reader of the wiki's language sees.

Only wikis whose language has a converter know this markup; in others it is text. Rules for the rest of a page
(`-{A|...}-`, `-{H|...}-`) are shown or hidden in place, and convert nothing.
"""

import re
from functools import partial
from itertools import chain
from typing import NamedTuple

from pipeline.languages.language import languages

# By language: its variants, its own code first, and the variants whose text each shows if its own is missing.
FALLBACKS = {
    code: {variant: fallbacks.split() for variant, fallbacks in one.variants.items()}
    for code, one in languages().items()
    if one.variants
}
LANGUAGES = {variant: language for language, variants in FALLBACKS.items() for variant in variants}
ALIASES = dict(chain.from_iterable(one.variant_aliases.items() for one in languages().values()))
NAMES = dict(chain.from_iterable(one.variant_names.items() for one in languages().values()))
FLAGS = frozenset("ATRD-HN")

DEEPEST = 6  # markup inside markup; deeper text is not prose
LONGEST = 20_000
# The innermost variants, which hold no other. Braces next to a dash belong to a template, if there is one.
VARIANT = re.compile(r"-\{(?!\{(?!\{))((?:[^-{}]++|-(?!\{(?!\{(?!\{)))|\{|\}\}(?=\}?-)|\}(?!-))*+)\}-")
FLAGGED = re.compile(r"^([\w\s;+-]*+)\|")
RULE = re.compile(r"\s*+(?:([^;]*?)=>\s*+)?([\w-]++)\s*+:")


class Conversions(NamedTuple):
    """The texts by variant, and the replacements of other text (`from=>variant:to`) by variant."""

    texts: dict[str, str]
    one_way: dict[str, str]


def without_variants(text: str, variant: str) -> str:
    """Return `text` with its variants replaced by the text that readers of one `variant` or language see."""
    variant = ALIASES.get(variant, variant)
    if "-{" not in text or variant not in LANGUAGES:
        return text
    shown = partial(_shown, variant)
    for _ in range(DEEPEST):
        before, text = text, VARIANT.sub(shown, text)
        if "-{" not in text or text == before:
            break
    return text


def _shown(variant: str, match: re.Match[str]) -> str:
    """Return what readers of a variant see of one piece of markup: `-{flags|rules}-`, `-{rules}-` or `-{text}-`."""
    body = match[1]
    if len(body) > LONGEST:
        return body
    *flagged, body = FLAGGED.split(body, maxsplit=1)  # the flags, if any, and the rest
    flags = {flag.strip() for flag in "".join(flagged).split(";")}
    fallbacks = FALLBACKS[LANGUAGES[variant]]
    names_variants = any(ALIASES.get(flag, flag) in fallbacks for flag in flags)
    flags &= FLAGS
    if "R" in flags:  # raw
        return body
    if "N" in flags:  # the name of a variant
        return NAMES.get(body.strip(), body)
    if "-" in flags or "H" in flags or flags == {"T"}:  # rules that are not shown, or only in the title
        return ""
    # Variants as flags: languages whose words MediaWiki converts; in all others the text is shown unchanged.
    rules = None if names_variants else _rules(body.replace("=&gt;", "=>"), fallbacks)
    if not rules:
        return body
    everything = rules.texts | rules.one_way
    if "D" in flags:  # a description of the rules
        return "".join(f"{NAMES.get(name, name)}：{text}；" for name, text in everything.items())
    shown = next((rules.texts[name] for name in (variant, *fallbacks[variant]) if name in rules.texts), None)
    return shown or rules.one_way.get(variant) or next(iter(everything.values()))


def _rules(body: str, variants: dict[str, list[str]]) -> Conversions | None:
    """Return the rules in `body`, or None if it is plain text.

    A semicolon separates two rules where another one or nothing follows; elsewhere it belongs to the text.
    """
    found: list[tuple[str, str | None, list[str]]] = []  # the variant, what is replaced, and the parts of the text
    for piece in body.strip().removesuffix(";").split(";"):
        match = RULE.match(piece)
        name = ALIASES.get(match[2].lower(), match[2].lower()) if match else ""
        if match and name in variants:
            found.append((name, match[1], [piece[match.end() :]]))
        elif found:
            found[-1][2].append(piece)
        else:
            return None
    rules = Conversions({}, {})
    for name, replaced, parts in found:
        text = ";".join(parts).strip()
        if replaced is not None:
            rules.one_way.setdefault(name, text)
        elif text:
            rules.texts.setdefault(name, text)
    return rules if rules.texts or rules.one_way else None
