"""The definition of a template, read from its own page into a tree that JSON can hold.

A tree is one of:

    "text"                                  wikitext
    ["join", tree, ...]                     one after another
    ["argument", name, default or null]     `{{{name|default}}}`
    ["call", name, [part, ...]]             `{{name|part|...}}`: a template, a parser function or a magic word
    ["=", key, value]                       a part that holds an equals sign

`pipeline.wikitext.templates.expansion` evaluates trees. MediaWiki's preprocessor reads wikitext in the same way:
https://www.mediawiki.org/wiki/Preprocessor_ABNF
"""

import re
from typing import Any

from pipeline.wikitext.characters import without_reserved
from pipeline.wikitext.elements import without_elements

Tree = str | list[Any]

TOKEN = re.compile(r"\{\{+|\}\}+|\[\[|\]\]|[|=]")
DEEPEST_TREE, LONGEST_INPUT = 30, 20_000  # levels of braces, and characters; a template with more shows no inline text
# A table, a list, a box or several paragraphs are not part of a sentence.
BLOCK = re.compile(
    r"(?:^|\n)[ \t]*+(?:[*#:;=|!]|\{\||----)|\n[ \t]*+\n"
    r"|<(?:table|div|ul|ol|dl|li|blockquote|h[1-6]|center|gallery|poem|tr|td|hr)\b",
    re.IGNORECASE,
)
COMMENTS = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
ONLY = re.compile(r"<onlyinclude\s*+>(.*?)(?:</onlyinclude\s*+>|\Z)", re.DOTALL | re.IGNORECASE)
NOT_INCLUDED = re.compile(r"<noinclude\s*+>.*?(?:</noinclude\s*+>|\Z)", re.DOTALL | re.IGNORECASE)
INCLUDED = re.compile(r"</?(?:includeonly|noinclude|onlyinclude)\s*+/?>", re.IGNORECASE)


def definition(wikitext: str) -> Tree | None:
    """Return the definition of the text that a template shows within a line; None if it cannot be known.

    Elements that are not prose, such as references, are left out.
    """
    text = without_elements(transcluded(wikitext)).strip()
    if len(text) > 1 and BLOCK.match(text):
        return ""
    tree = parse(text) if len(text) <= LONGEST_INPUT else None
    return None if tree is None or _is_lua(tree) else tree


def _is_lua(tree: Tree) -> bool:
    """Return whether a template always shows the output of a Lua module."""
    if isinstance(tree, str):
        return False
    if tree[0] == "join":
        return any(map(_is_lua, tree[1:]))
    kind, name = tree[:2]
    start = name[1] if isinstance(name, list) and name[0] == "join" else name
    return kind == "call" and str(start).lower().lstrip().startswith("#invoke")


def transcluded(wikitext: str) -> str:
    """Return the part of a template's page that is transcluded, by `noinclude` and similar tags."""
    text = COMMENTS.sub("", without_reserved(wikitext))
    text = "".join(ONLY.findall(text)) if ONLY.search(text) else text
    return INCLUDED.sub("", NOT_INCLUDED.sub("", text))


class _Frame:
    """Open braces or brackets: their number, and the parts read so far."""

    def __init__(self, sign: str, count: int) -> None:
        self.sign, self.count = sign, count
        self.parts: list[list[Tree]] = [[]]
        self.equals: list[int | None] = [None]  # of each part: the index after its first equals sign

    def add(self, tree: Tree) -> None:
        self.parts[-1].append(tree)

    def literal(self) -> list[Tree]:
        """Return the text of the frame if nothing closes it."""
        trees: list[Tree] = [self.sign * self.count]
        for number, part in enumerate(self.parts):
            trees += ["|", *part] if number else part
        return trees

    def closed(self, count: int) -> Tree:
        """Return the frame as an argument (three braces) or a call (two)."""
        name, *parts = (_join(part) for part in self.parts)
        if count == 3:
            return ["argument", name, parts[0] if parts else None]
        for index, part in enumerate(self.parts[1:]):
            if (at := self.equals[index + 1]) is not None:
                parts[index] = ["=", _join(part[: at - 1]), _join(part[at:])]
        return ["call", name, parts]


def parse(text: str) -> Tree | None:
    """Return the tree of wikitext, in linear time; None if it is nested too deeply."""
    frames = [_Frame("", 0)]
    position = 0
    for match in TOKEN.finditer(text):
        start, end = match.span()
        if start > position:
            frames[-1].add(text[position:start])
        position = end
        token, top = match[0], frames[-1]
        if token[0] == "{" or token == "[[":
            frames.append(_Frame(token[0], end - start))
        elif token == "]]" and top.sign == "[":
            _unwind(frames)
            frames[-1].add("]]")
        elif token[0] == "}":
            _close(frames, end - start)
        elif token == "|" and top.sign:
            top.parts.append([])
            top.equals.append(None)
        else:
            top.add(token)
            if token == "=" and top.sign == "{" and top.equals[-1] is None and len(top.parts) > 1:
                top.equals[-1] = len(top.parts[-1])
        if len(frames) > DEEPEST_TREE:
            return None
    frames[-1].add(text[position:])
    while len(frames) > 1:
        _unwind(frames)
    return _join(frames[0].parts[0])


def _close(frames: list[_Frame], closers: int) -> None:
    """Close as many frames as a run of closing braces closes; brackets within them were never closed."""
    while closers > 1 and any(frame.sign == "{" for frame in frames):
        while frames[-1].sign == "[":
            _unwind(frames)
        frame = frames.pop()
        taken = min(frame.count, closers, 3)
        closers -= taken
        left = frame.count - taken
        if left > 1:
            frames.append(_Frame("{", left))
        elif left:
            frames[-1].add("{")
        frames[-1].add(frame.closed(taken))
    if closers:
        frames[-1].add("}" * closers)


def _unwind(frames: list[_Frame]) -> None:
    """Turn the last frame into text."""
    trees = frames.pop().literal()
    frames[-1].parts[-1] += trees


def _join(trees: list[Tree]) -> Tree:
    """Return some trees laid end to end as one, with neighbouring texts joined."""
    joined: list[Tree] = []
    for tree in trees:
        if isinstance(tree, str) and joined and isinstance(joined[-1], str):
            joined[-1] += tree
        elif tree:
            joined.append(tree)
    return joined[0] if len(joined) == 1 else ["join", *joined] if joined else ""
