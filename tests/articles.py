"""Small articles of word ids for a sequences.db, and the vocabulary that numbers their words."""

from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from pipeline import train
from pipeline.example import choose
from pipeline.store.building import Article
from pipeline.store.sequences import Sequences
from pipeline.store.vocabularies import Words

VOCABULARY = Words.of([("a", 5), ("b", 3)], rows=1, unknown=2)

rows = st.lists(st.lists(st.integers(2, 4), max_size=6), min_size=1, max_size=20)  # of an article


def an_article(number: int, sequences: list[list[int]], split: str = "train") -> Article:
    flat = np.array([token for sequence in sequences for token in sequence], "<u2")
    return Article(number, f"Page {number}", split, flat, np.cumsum([0, *map(len, sequences)]))


def run_train(name: str, database: str, model: str, *more: str) -> None:
    """Run the stage `train` on a database that no stage wrote; the page's sentence is chosen from it, but not found."""
    choose(Sequences(Path(database))).write(example := Path(database).with_suffix(".json"))
    train.main([name, database, str(example), model, *more])
