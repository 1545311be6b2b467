"""Part-of-speech tags of verse, by the English tagger whose lexicon and rules come in textblob's wheel."""

from functools import cache
from typing import Any

Tags = list[str]  # of a line's words and marks, by the names of the Penn Treebank: DT, NN, VBD, "," ...


def tag_line(line: str) -> Tags:
    """Return the tags of a line, taken as a sentence by itself."""
    return [tag for _, tag in _tagger().tag(line)]


@cache
def _tagger() -> Any:
    from textblob.taggers import PatternTagger  # takes a second to import, and only the stage `poems` needs it

    return PatternTagger()
