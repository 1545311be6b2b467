"""Tags: known tags are removed, and tags of blocks end a paragraph; unknown tags are text."""

import re

from pipeline.wikitext.characters import SEPARATOR
from pipeline.wikitext.site import names

# The HTML elements that MediaWiki keeps, also obsolete ones; and poems, whose lines stay lines.
PARAGRAPH_ENDS = names(
    "p div center blockquote br hr li ul ol dl dt dd table caption tr td th h1 h2 h3 h4 h5 h6 pre poem"
)
INLINE = names("""
    abbr b bdi bdo big cite code data del dfn em font i ins kbd link mark meta q rb rp rt rtc ruby s samp small span
    strike strong sub sup time tt u var wbr""")
# Elements of extensions and of MediaWiki itself.
EXTENSIONS = names("""
    categorytree ce charinsert chart chem dynamicpagelist gallery graph hiero imagemap includeonly indicator inputbox
    langconvert languages maplink mapframe math noinclude nowiki onlyinclude page pagelist pagequality pages phonos poll
    quiz ref references rss score section source syntaxhighlight talkpage templatedata templatestyles thread timeline
    translate tvar""")
KNOWN = PARAGRAPH_ENDS | INLINE | EXTENSIONS

# A tag is on one line; a further line may only begin with an attribute or end the tag.
TAG = re.compile(
    r"<(/?)([a-zA-Z][\w-]*+)(?=[\s/>])((?:[^<>\n]++|\n(?=[ \t]*+(?:/?>|[a-zA-Z-]++[ \t]*+=[ \t]*+[\"'\w])))*+)>",
    re.ASCII,
)
TAGGED_HEADING = re.compile(r"\n=[^\n<]*+<[^\n]*=[ \t\x02]*+(?=\n|\Z)")


def without_tags(text: str) -> str:
    """Return `text` without known tags.

    A heading with a tag is removed whole, because a tag's paragraph end would break it.
    """
    if "<" not in text:
        return text
    if text.startswith("="):
        text = f"\n{text}"
    if "\n=" in text:
        text = TAGGED_HEADING.sub("", text)
    parts = TAG.split(text)
    for at in range(2, len(parts), 4):
        name = parts[at].lower()
        if name in PARAGRAPH_ENDS:
            shown = "\n\n"
        elif name in KNOWN:
            # Between apostrophes, so that they do not join.
            shown = SEPARATOR if parts[at - 2][-1:] == "'" or parts[at + 2][:1] == "'" else ""
        else:
            shown = f"<{parts[at - 1]}{parts[at]}{parts[at + 1]}>"
        parts[at - 1 : at + 2] = [shown, "", ""]
    return "".join(parts)
