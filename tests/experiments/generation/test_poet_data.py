from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.experiments.generation.poet_data import SHARES, choose_words, index_poems, split_poems
from pipeline.experiments.verse.novelty import ngrams
from pipeline.experiments.verse.poems import SHARED_WORDS, Poem, deduplicate, parse_verse, read_text, words_of
from pipeline.run.errors import UserError
from pipeline.store.sequences import SPLITS, Sequences
from pipeline.store.vocabulary import Vocabulary
from tests.experiments.verse.test_poems import poem

SPLIT = {
    "train": [poem(0, "The wheel, the weir", "A wheel"), poem(2, "The weir")],
    "valid": [poem(1, "The wheel and the sea")],
    "test": [poem(3, "A heron")],
}


def of_lengths(*lengths: int) -> list[Poem]:
    return [poem(number, *(f"line {line}" for line in range(length))) for number, length in enumerate(lengths)]


def test_related_poems_stay_together(shared: Path) -> None:
    poems, _ = deduplicate("poe", parse_verse(read_text(shared / "data/poems/edgar_allan_poe.txt"))[0])
    for seed in range(5):
        splits = split_poems(poems, seed)
        runs = [
            {run for poem in own for line in poem.lines for run in ngrams(words_of(line), SHARED_WORDS)}
            for own in splits.values()
        ]
        assert len(set.union(*runs)) == sum(map(len, runs))  # no run in two splits
        assert sum(map(len, splits.values())) == len(poems)


@settings(deadline=None)
@given(st.lists(st.integers(1, 12), min_size=10, max_size=60), st.integers(0, 99))
def test_whole_poems_are_split_by_their_lines_and_the_seed(lengths: list[int], seed: int) -> None:
    assume(max(lengths) < 0.1 * sum(lengths))  # else a poem may be too long to leave some for every split
    splits = split_poems(of_lengths(*lengths), seed)
    assert splits == split_poems(of_lengths(*lengths), seed)
    assert sorted(poem.poem for own in splits.values() for poem in own) == list(range(len(lengths)))
    assert all(own == sorted(own, key=lambda poem: poem.poem) for own in splits.values())
    for split, own in splits.items():
        assert abs(sum(len(poem.lines) for poem in own) - SHARES[split] * sum(lengths)) <= max(lengths)


@pytest.mark.parametrize("lengths", [[1], [9], [5, 5]])
def test_too_few_poems_to_hold_some_out(lengths: list[int]) -> None:
    with pytest.raises(UserError, match=rf"ann: {len(lengths)} poem\(s\) of {sum(lengths)} line\(s\) are too few"):
        split_poems(of_lengths(*lengths), 1)


def test_words_by_count_then_by_themselves_and_rare_ones_unknown() -> None:
    lines = [["b", "a", "c"], ["a", "b"], ["d"]]
    assert choose_words(lines) == Vocabulary.of([("a", 2), ("b", 2)], rows=3, unknown=2)


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
