"""Part-of-speech tags of verse, by the English tagger whose lexicon and rules come in textblob's wheel."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.experiments.verse.poems import Poem
from pipeline.run.outputs import whole_file

Tags = list[str]  # of a line's words and marks, Penn Treebank's names: DT, NN, VBD, "," ...


def tag_line(line: str) -> Tags:
    """The tags of a line, taken as a sentence by itself."""
    return [tag for _, tag in _tagger().tag(line)]


def write_tags(path: Path, poems: Sequence[Poem]) -> None:
    """Tag every line; write one JSON object a poem, in the order of `poems`."""
    with whole_file(path) as partial, partial.open("w", encoding="utf-8") as file:
        for poem in poems:
            tagged = {"poet": poem.poet, "poem": poem.poem, "lines": [tag_line(line) for line in poem.lines]}
            file.write(json.dumps(tagged, ensure_ascii=False) + "\n")


def read_tags(path: Path) -> list[list[Tags]]:
    """For each poem of a tags.jsonl, in reading order, the tags of each line."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line)["lines"] for line in file]


@cache
def _tagger() -> Any:
    from textblob.taggers import PatternTagger  # takes a second, which those who only read tags need not wait

    return PatternTagger()
