"""Small MediaWiki dumps, written by hand."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

NAMESPACES = {0: "", 4: "Wikipedia", 6: "File", 10: "Template", 14: "Category"}
SENTENCES = (
    "The king and the queen rule the old land. The king is a man and the queen is a woman. "
    "Paris is in France, and London is in England. Rome, they say, is in Italy."
)


def a_page(number: int, text: str, *, ns: int = 0, redirect: bool = False, model: str = "wikitext") -> str:
    """One page with one revision; `redirect` if its first link is the page that it leads to."""
    target = f"""<redirect title="{text.partition("[[")[2].partition("]]")[0]}" />""" if redirect else ""
    return f"""
  <page>
    <title>Page {number}</title> <ns>{ns}</ns> <id>{number}</id>{target}
    <revision> <id>{number + 1000}</id> <model>{model}</model> <text>{escape(text)}</text> </revision>
  </page>"""


def titled(title: str, page: str) -> str:
    """Return a page with another title."""
    return re.sub("<title>.*?</title>", f"<title>{escape(title)}</title>", page)


def wrap(pages: Sequence[str], *, wiki: str = "enwiki", schema: str = "0.11") -> str:
    """A whole dump around `pages`."""
    names = "".join(
        f'<namespace key="{key}" case="first-letter">{name}</namespace>' for key, name in NAMESPACES.items()
    )
    return f"""<mediawiki xmlns="http://www.mediawiki.org/xml/export-{schema}/" version="{schema}" xml:lang="en">
  <siteinfo><sitename>Wikipedia</sitename><dbname>{wiki}</dbname><namespaces>{names}</namespaces></siteinfo>
{"".join(pages)}
</mediawiki>"""


def a_dump(articles: int = 12) -> str:
    """A dump of `articles` articles, a redirect, a template, a module and a page without prose."""
    pages = [a_page(number, f"'''Page {number}'''. {SENTENCES}\n\n{{{{stub}}}}") for number in range(1, articles + 1)]
    pages += [
        a_page(101, "#REDIRECT [[Page 1]]", redirect=True),
        a_page(102, "{{{1}}} is a stub.", ns=10),
        a_page(103, "return {}", model="Scribunto"),
        a_page(104, "{{only a template}}"),
    ]
    return wrap(pages)
