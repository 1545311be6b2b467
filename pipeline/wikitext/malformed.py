"""Lines with unpaired links or templates are read by mwparserfromhell, in the same way as MediaWiki reads them.

Its time is quadratic for unclosed markup, so it gets only short lines, and few of them per page. Everything else is
removed as debris later.
"""

import mwparserfromhell
from mwparserfromhell.parser import ParserError

from pipeline.wikitext.links import without_links
from pipeline.wikitext.site import Site

TOKENS = ("[[", "]]", "{{", "}}")  # left after all pairs were resolved
LONGEST_LINE, MOST_CHARACTERS = 1_000, 2_000  # for the worst input known, 30 ms a page
NEVER_PROSE = ("|", "!", "*", "#", ":", ";", "=")


def with_parsed_lines(text: str, site: Site) -> str:
    """Return `text` with its first malformed lines read by the parser."""
    left = MOST_CHARACTERS
    lines = text.split("\n") if any(token in text for token in TOKENS) else []
    for number, line in enumerate(lines):
        if (
            any(token in line for token in TOKENS)
            and len(line) <= min(left, LONGEST_LINE)
            and not line.startswith(NEVER_PROSE)
        ):
            left -= len(line)
            lines[number] = _parsed(line, site)
    return "\n".join(lines) or text


def _parsed(line: str, site: Site) -> str:
    try:
        code = mwparserfromhell.parse(line, skip_style_tags=True)
    except ParserError:
        return line
    for template in code.filter_templates(recursive=code.RECURSE_OTHERS):
        code.remove(template)
    for link in reversed(code.filter_wikilinks()):
        label = link.title if link.text is None else link.text
        code.replace(link, without_links(f"[[{link.title}|{str(label).replace('[', '').replace(']', '')}]]", site))
    return str(code)
