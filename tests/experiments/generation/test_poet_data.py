from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.experiments.generation.poet_data import SHARES, index_poems, poet_words, split_poems
from pipeline.experiments.verse.poems import Poem
from pipeline.run.errors import UserError
from pipeline.store.sequences import SPLITS, Sequences
from pipeline.store.vocabularies import Words
from tests.experiments.verse.test_poems import poem

SPLIT = {
    "train": [poem(0, "The wheel, the weir", "A wheel"), poem(2, "The weir")],
    "valid": [poem(1, "The wheel and the sea")],
    "test": [poem(3, "A heron")],
}


def of_lengths(*lengths: int) -> list[Poem]:
    """Poems of as many lines, of which two each are related."""
    poems = [poem(number, *(f"line {line}" for line in range(length))) for number, length in enumerate(lengths)]
    return [own._replace(group=own.poem // 2) for own in poems]


@settings(max_examples=25)
@given(st.lists(st.integers(4, 12), min_size=60, max_size=90), st.integers(0, 99))
def test_related_poems_are_split_together_by_their_lines_and_the_seed(lengths: list[int], seed: int) -> None:
    splits = split_poems(of_lengths(*lengths), seed)
    assert splits == split_poems(of_lengths(*lengths), seed)
    assert sorted(poem.poem for own in splits.values() for poem in own) == list(range(len(lengths)))
    groups = [{poem.group for poem in own} for own in splits.values()]
    assert len(set.union(*groups)) == sum(map(len, groups))
    for split, own in splits.items():
        assert own == sorted(own, key=lambda poem: poem.poem)
        assert abs(sum(len(poem.lines) for poem in own) - SHARES[split] * sum(lengths)) <= 2 * max(lengths)


@pytest.mark.parametrize("lengths", [[1], [9], [5, 5]])
def test_too_few_poems_to_hold_some_out(lengths: list[int]) -> None:
    with pytest.raises(UserError, match=rf"ann: {len(lengths)} poem\(s\) of {sum(lengths)} line\(s\) are too few"):
        split_poems(of_lengths(*lengths), 1)


def test_words_by_count_then_by_themselves_and_rare_ones_unknown() -> None:
    lines = [["b", "a", "c"], ["a", "b"], ["d"]]
    assert poet_words(lines) == Words.of([("a", 2), ("b", 2)], rows=3, unknown=2)


def test_poems_are_articles_and_lines_rows(tmp_path: Path) -> None:
    index_poems(tmp_path / "s.db", SPLIT)
    sequences = Sequences(tmp_path / "s.db")
    assert (sequences.vocabulary.words, sequences.end_fraction) == (["the", "weir", "wheel"], 1.0)
    rows = {
        split: [row.tolist() for row in sequences.rows(sequences.ids_and_lengths(split)[0].tolist())]
        for split in SPLITS
    }
    assert rows == {"train": [[2, 4, 2, 3], [5, 4], [2, 3]], "valid": [[2, 4, 5, 2, 5]], "test": [[5, 5]]}
    assert sequences.article_ids("train").tolist() == [0, 0, 2]


def test_a_poet_who_repeats_no_word(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="ann: no word occurs 2 times"):
        index_poems(tmp_path / "s.db", {"train": [poem(0, "Wheel weir")]})
