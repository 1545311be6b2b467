"""The text that a template shows by its definition: arguments, defaults and conditions are evaluated, Lua is not.

Nothing is guessed: if a definition needs something that a dump does not contain (a Lua module, the date, whether a page
exists), `UnsureError` is raised. A page has a budget of steps, which bounds the time of templates that use one another.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.wikitext.elements import without_elements
from pipeline.wikitext.links import without_links
from pipeline.wikitext.site import TEMPLATE, Site
from pipeline.wikitext.spans import Span, splice
from pipeline.wikitext.templates.definitions import BLOCK, Tree
from pipeline.wikitext.variants import without_variants

Given = Mapping[str, str]

DEEPEST_CALL = 12  # templates within templates
LONGEST_SHOWN = 5_000  # characters that a template may show
STEPS, STEPS_PER_CHARACTER = 10_000, 0.1  # of a page
# Text costs steps, too, because short calls that show long texts could make a page many times longer.
CHARACTERS_BUILT, CHARACTERS_SHOWN = 100, 5  # for a step

HTML_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*+)((?:[^<>\"]|\"[^\"<>]*+\")*+)>", re.IGNORECASE)
# Elements of these styles and classes are invisible, or are notes to readers: sort keys, "citation needed",
# coordinates. Pronunciations are left out, as in other templates.
HIDDEN = re.compile(
    r"display\s*+:\s*+none|visibility\s*+:\s*+hidden"
    r"|class\s*+=[^=]*\b(?:noprint|sortkey|metadata|geo|coordinates|reference|navbox|ambox|error|IPA|API)\b",
    re.IGNORECASE,
)
NOTE = re.compile(r"[\s']*+(?:\[|&#91;|\()")  # the start of a superscript note


class UnsureError(Exception):
    """The text of a template cannot be known from its definition."""


@dataclass
class Expander:
    """Evaluates calls on one page, as long as its `steps` last.

    `lookup` returns the definition of a template or None, `functions` holds the parser functions by name, and
    `otherwise` returns what a template without a definition shows, or None.
    """

    site: Site
    title: str
    lookup: Callable[[str], Tree | None]
    functions: Mapping[str, Callable[["Expander", str, list[Tree], Given], str]]
    otherwise: Callable[[str, str], str | None]
    steps: int
    depth: int = 0

    def is_function(self, written: str) -> bool:
        """Return whether a call on the page names a parser function or a magic word."""
        function, colon, _ = written.strip().partition(":")
        return f"{function.lower()}:" in self.functions if colon else function in self.functions

    def knows(self, written: str) -> bool:
        """Return whether a call on the page may name a function or a template with a definition."""
        return ":" in written or self.is_function(written) or self.lookup(written.strip()) is not None

    def shown(self, call: Tree) -> str:
        """Return the text that a call shows within a line, which may be empty; raises `UnsureError`."""
        text = self.text(call, {}).strip("\n")
        self._spend(len(text) // CHARACTERS_SHOWN)
        if len(text) > 1 and BLOCK.search(text):
            return ""
        if "<" in text:
            text = without_hidden(without_elements(text), self.site)
        return without_variants(text, self.site.variant)

    def text(self, tree: Tree, arguments: Given) -> str:
        """Return the wikitext of a tree for a template's `arguments`; raises `UnsureError`."""
        self._spend(1)
        if isinstance(tree, str):
            return tree
        kind, *content = tree
        if kind == "join":
            # Most parts are text, and evaluating definitions spends most of its time here.
            text = "".join([part if isinstance(part, str) else self.text(part, arguments) for part in content])
        elif kind == "argument":
            name, default = content
            found = arguments.get((name if isinstance(name, str) else self.text(name, arguments)).strip())
            text = found if found is not None else self.text(default or "", arguments)
        elif kind == "call":
            text = self._call(tree[1], tree[2], arguments)
        else:
            text = "=".join(self.text(side, arguments) for side in content)
        if len(text) > LONGEST_SHOWN:
            raise UnsureError
        self._spend(len(text) // CHARACTERS_BUILT)
        return text

    def _spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise UnsureError

    def trimmed(self, tree: Tree, arguments: Given) -> str:
        """Return `text` without the blanks around it."""
        return self.text(tree, arguments).strip()

    def _call(self, name_tree: Tree, parts: list[Tree], arguments: Given) -> str:
        name = self.trimmed(name_tree, arguments)
        function, colon, first = name.partition(":")
        if colon and function.strip().lower() in ("subst", "safesubst", "msg", "msgnw"):
            name = first.strip()
            function, colon, first = name.partition(":")
        found = self.functions.get(function.strip().lower() + colon) or (not parts and self.functions.get(name))
        if found:
            return found(self, first.strip(), parts, arguments)
        if colon and self.site.namespace_of(name) == TEMPLATE:
            name = first.strip()
        elif name.startswith((":", "#")):
            raise UnsureError
        return self._template(name, parts, arguments)

    def _template(self, name: str, parts: list[Tree], arguments: Given) -> str:
        given = self._given(parts, arguments)
        tree = self.lookup(name) if self.depth < DEEPEST_CALL else None
        if tree is not None:
            self.depth += 1
            try:
                return self.text(tree, given)
            except UnsureError:
                if self.steps < 0:
                    raise
            finally:
                self.depth -= 1
        body = "|".join([name, *(f"{key}={value}" for key, value in given.items())])
        shown = self.otherwise(name, body) if self.depth else None  # no depth: the call on the page itself
        if shown is None:
            raise UnsureError
        return shown

    def _given(self, parts: list[Tree], arguments: Given) -> dict[str, str]:
        """Return the arguments of a call by name; unnamed arguments have numbers, from 1."""
        given: dict[str, str] = {}
        number = 0
        for part in parts:
            if isinstance(part, list) and part[0] == "=":
                given[self.trimmed(part[1], arguments)] = self.trimmed(part[2], arguments)
            else:
                number += 1
                given[str(number)] = self.text(part, arguments)
        return given


def without_hidden(text: str, site: Site) -> str:
    """Return `text` without invisible elements and without superscript notes in brackets."""
    spans: list[Span] = []
    opened: list[tuple[str, int, int, bool]] = []  # name, start of the element and of its content, whether hidden
    for match in HTML_TAG.finditer(text):
        closing, name, attributes = match.groups()
        name = name.lower()
        if not closing:
            if not attributes.endswith("/") and name not in ("br", "wbr", "img"):
                opened.append((name, *match.span(), bool(HIDDEN.search(attributes))))
            continue
        index = next((i for i in reversed(range(len(opened))) if opened[i][0] == name), None)
        if index is None:
            continue
        _, start, inside, hidden = opened[index]
        del opened[index:]
        content = text[inside : match.start()]
        if hidden or (name == "sup" and NOTE.match(HTML_TAG.sub("", without_links(content, site)))):
            while spans and spans[-1][0] >= start:
                spans.pop()
            spans.append((start, match.end(), None))
    return splice(text, spans) if spans else text
