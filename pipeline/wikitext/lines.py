"""Lines to paragraphs: the sign at a line's start, its quotes, and its remaining markup."""

import re
from collections.abc import Iterator
from functools import partial

from pipeline.languages.language import language_of
from pipeline.wikitext.characters import APOSTROPHE, MARK
from pipeline.wikitext.cuts import AROUND_CUTS, BLANKS, CLOSING, PAUSES, mended
from pipeline.wikitext.site import FILE, Site, names

LIST_MARKS = "*#:;"
NEW_LINE_STARTS = (" ", *LIST_MARKS)
ENDS = tuple('.!?:;。！？…"”»')
MAGIC_WORD = re.compile(r"__([^\W_](?:[^\W_]|[\u0780-\u1cff]|_(?!_))*+)__")  # South Asian vowel signs are no letters
# Words that every wiki knows, in any case. A wiki's own words are in capitals, or in a script without capitals. English
# wikis have none of their own, so __FILE__ is text.
MAGIC_WORDS = names("""
    archivedtalk disambig expectedunconnectedpage expectunusedcategory expectunusedtemplate expectwithoutscans
    forcetoc hiddencat index newsectionlink nocc nocontentconvert noeditsection nogallery noglobal noindex
    nonewsectionlink notalk notc notitleconvert notoc staticredirect toc""")
# The content of a gallery that was never closed.
FILE_LINE = re.compile(r"[^|]*?\.[a-z][a-z0-9]{2,4}[ \x02]*+(?:\||$)", re.IGNORECASE)
# Unpaired markup. Runs are removed whole, because their ends would form new markup.
DEBRIS = re.compile(
    r"""\{\{[^{}\[\]|\n]{0,80}\|      # a template's opener and name
    |\[\[[^\[\]|\n]{0,100}(?:\||\.(?:jpe?g|png|svg|gif|ogg|tiff?|webm|pdf)\b)  # a link's opener and target
    |[\[\]{}|]++(?=https?)
    |[\[\]{}|]{2,}+
    |</?ref\w*+(?:\s*+\w++\s*+=\s*+(?:"[^"<>]*+"|"?[^\s<>"]*+))*+\s*+/?>?
    |''+
    |&nbsp;
    |\|?\b(?:thumb(?:nail)?|\d+px|upright|frameless)\|
    |\|\s*(?:thumb(?:nail)?\b|\d+px\b)""",
    re.VERBOSE | re.IGNORECASE,
)
PAIR = re.compile(r"\[\[|\]\]|\{\{|\}\}|\{\||\|\}")
DEBRIS_TOKENS = ["[[", "]]", "{{", "}}", "<ref", "</ref", "''", "&nbsp;", "[http", "|"]
# `;term:definition` is a term and, after it, its definition.
TERM = re.compile(r"^([*#:;]*+)(?<=;)([^\n:]*+:[^\n]*+)$", re.MULTILINE)
# Markup whose colons define nothing: links, variants, elements, italics, bold and addresses.
TERM_TOKEN = re.compile(
    r"(\[\[?|-\{|<(?!/|[^<>]*+/>|[bhw]r\b)[a-z][^<>\n]*+>)|(\]\]?|\}-|</[a-z][^<>\n]*+>)|('{2,5})"
    r"|(?:https?|ftps?|ircs?|news|mailto|tel|sips?|xmpp|geo|magnet|urn|nntp|git|svn|bitcoin|worldwind):|(:)",
    re.IGNORECASE,
)
LOOSE_BLANKS = re.compile(r"(?<! ) +([,.;:!?)])")  # a space before punctuation that the removal of debris left


def paragraphs(text: str, site: Site, *, lists: bool) -> Iterator[str]:
    """Yield the lines of `text` that are prose, tidied."""
    if "__" in text:
        text = MAGIC_WORD.sub(partial(_without_magic_word, language_of(site.language).own_magic_words), text)
    paragraph: list[str] = []
    for source in [*text.replace("\xad", "").split("\n"), ""]:  # without soft hyphens; the last line ends all
        line = _tidied(source.strip(BLANKS), site, lists)
        if paragraph and _goes_on(paragraph[-1], line, source):
            paragraph.append(line if _is_tail(line) else f" {line}")
            continue
        if paragraph:
            yield "".join(paragraph)
        paragraph = [line] if line else []


def _without_magic_word(in_capitals: bool, match: re.Match[str]) -> str:
    name = match[1]
    known = name.lower().replace("_", "") in MAGIC_WORDS
    return "" if known or (in_capitals and name == name.upper()) else match[0]


def _goes_on(before: str, line: str, source: str) -> bool:
    """Return whether a line continues the sentence of the line before: some pages are wrapped by hand."""
    if not line or source.startswith(NEW_LINE_STARTS) or before.endswith(ENDS):
        return False
    return line[0].islower() or _is_tail(line)


def _is_tail(line: str) -> bool:
    """Return whether a line begins with punctuation of the line before, and not with a name such as .NET."""
    return line.startswith(PAUSES + CLOSING) and not (line[0] in ".!" and line[1:2].isalnum())


def _tidied(line: str, site: Site, lists: bool) -> str:
    """Return a line's prose; empty for most non-prose lines."""
    if line.startswith(MARK):
        line = line.lstrip(MARK + AROUND_CUTS)
    if not line:
        return ""
    line = _prose_of(line, site, lists)
    if "''" in line:
        line = without_quotes(line)
    line = line.replace(APOSTROPHE, "'")
    if MARK in line:
        line = mended(line)
    line = line.strip(" ")
    if "  " in line or not line.isprintable():  # no blank but " " is printable
        line = " ".join(line.split())
    return line if any(map(str.isalpha, line)) else ""


def without_debris(text: str) -> str:
    """Return `text` without unpaired markup, and without the lines of which no word is left."""
    if not any(token in text for token in DEBRIS_TOKENS):  # most pages, which are then searched once
        return text
    return "\n".join(filter(None, map(_without_debris, text.split("\n"))))


def _without_debris(line: str) -> str:
    if not any(token in line for token in DEBRIS_TOKENS):
        return line
    line = " ".join(LOOSE_BLANKS.sub(r"\1", DEBRIS.sub(_space, line)).split())
    return line if any(map(str.isalpha, line)) else ""


def _space(debris: re.Match[str]) -> str:
    found = debris[0]
    before_address = found.endswith("[") and debris.string.startswith("http", debris.end())
    harmless = not found.strip("[]{}|") and not PAIR.search(found) and not before_address  # as in f[x][y]
    return found if harmless else " "


def _prose_of(line: str, site: Site, lists: bool) -> str:
    """Return `line` without a list's marks; empty for a heading, a list item or the remains of a table."""
    start = line[:1]
    if start in LIST_MARKS:
        return line.lstrip(LIST_MARKS + " ") if lists else ""
    table = start == "|" or (start == "!" and (line[1:2] in " !" or "!!" in line or "|" in line))
    heading = start == "=" and line.rstrip(MARK + " ").endswith("=") and len(line) > 2
    file = ":" in line[:20] and FILE_LINE.match(line) and site.namespace_of(line) == FILE
    return "" if table or heading or file else line


def without_quotes(line: str) -> str:
    """Return `line` without the apostrophes of italics and bold.

    If both are unbalanced, MediaWiki reads one run of three as an apostrophe before italics, as in l'''Opera'': the run
    after a single letter, else after a word, else after a space.
    """
    runs = re.findall("''+", line)
    bold = sum(len(run) >= 3 for run in runs)
    italic = sum(len(run) == 2 or len(run) >= 5 for run in runs)
    if bold % 2 and italic % 2:
        threes = [match.end() - 3 for match in re.finditer("(?<!')''''?(?!')", line)]
        at = min(threes, key=lambda at: _rank(line, at), default=-1)
        line = line[:at] + "\0" + line[at + 1 :] if at >= 0 else line
    return line.replace("'''''", "").replace("'''", "").replace("''", "").replace("\0", "'")


def _rank(line: str, at: int) -> int:
    return 2 if line[at - 1 : at] == " " else int(line[at - 2 : at - 1] != " ")


def with_definitions(text: str) -> str:
    """Return `text` with each definition that follows its term in the same line moved to a line of its own."""
    return TERM.sub(_with_definition, text) if ";" in text else text


def _with_definition(match: re.Match[str]) -> str:
    marks, line = match.groups()
    depth, quotes = 0, 0
    for token in TERM_TOKEN.finditer(line):
        opens, closes, quote, colon = token.groups()
        depth = depth + 1 if opens else max(0, depth - 1) if closes else depth
        quotes ^= {2: 1, 5: 3}.get(len(quote), 2) if quote else 0  # a bit each for italics and bold
        if colon and not depth and not quotes:
            return f"{marks}{line[: token.start()]}\n{marks[:-1]}:{line[token.end() :]}"
    return match[0]
