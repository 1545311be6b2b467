"""Lines of verse as classifiers read them: their tags, and the poets to predict."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.experiments.verse.poems import read_poems
from pipeline.run.outputs import read_json_lines


class Lines(NamedTuple):
    """n lines in reading order."""

    poets: list[str]  # of all lines, by label
    tags: list[list[str]]  # of each line
    labels: np.ndarray  # (n,): the line's poet, an index of `poets`
    poems: np.ndarray  # (n,): the line's poem, counted over all poets
    groups: np.ndarray  # (n,): the group of related poems, counted over all poets


def read_lines(folder: Path) -> Lines:
    """Return the lines that the stage `poems` wrote to `folder`."""
    poems = read_poems(folder / "poems.jsonl")
    poets = sorted({poem.poet for poem in poems})
    numbers = {group: number for number, group in enumerate(dict.fromkeys((poem.poet, poem.group) for poem in poems))}
    lengths = [len(poem.lines) for poem in poems]
    return Lines(
        poets,
        [line for tagged in read_json_lines(folder / "tags.jsonl") for line in tagged["lines"]],
        np.repeat([poets.index(poem.poet) for poem in poems], lengths),
        np.repeat(np.arange(len(poems)), lengths),
        np.repeat([numbers[poem.poet, poem.group] for poem in poems], lengths),
    )
