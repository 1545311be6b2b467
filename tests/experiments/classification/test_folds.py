from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.experiments.classification.folds import Fold, plan, split
from pipeline.experiments.classification.lines import Lines, check_lines, read_lines
from pipeline.experiments.verse.poems import Poem
from pipeline.run.console import UserError
from pipeline.run.outputs import write_json_lines


def lines_of(poems: list[list[int]]) -> Lines:
    """Lines of poets, each given by how many lines each of the poems has."""
    labels = [label for label, sizes in enumerate(poems) for size in sizes for _ in range(size)]
    numbers = np.arange(sum(map(len, poems)))
    sizes = [size for own in poems for size in own]
    tags = [["NN", "VB"] for _ in labels]
    poets, own = [f"poet_{n}" for n in range(len(poems))], np.repeat(numbers, sizes)
    return Lines(poets, tags, tags, np.array(labels), own, own)


POEMS = st.lists(st.lists(st.integers(1, 9), min_size=4, max_size=12), min_size=2, max_size=4)


@settings(max_examples=25, deadline=None)
@given(POEMS, st.integers(2, 4), st.integers(0, 2**31 - 1))
def test_no_poem_is_parted_and_each_line_is_asked_once(poems: list[list[int]], folds: int, seed: int) -> None:
    lines = lines_of(poems)
    check_lines(lines, folds, 1)
    asked = []
    for number in range(folds):
        train, test = split(lines, Fold("poem", 0, number), folds=folds, seed=seed)
        assert not set(lines.poems[train]) & set(lines.poems[test])
        assert sorted([*train, *test]) == list(range(len(lines.labels)))
        assert set(lines.labels[train]) == set(lines.labels)
        asked += [*test]
    assert sorted(asked) == list(range(len(lines.labels)))


def test_related_poems_stay_together(in_tmp: Path) -> None:
    poems = [Poem(poet, n, None, [[f"{poet} {n}"]]) for poet in ("ann", "bo") for n in range(4)]
    for number, line in ((4, "And so say all of us"), (5, "And so say all of us today")):
        poems.append(Poem("bo", number, None, [[line]]))
    Path("verse").mkdir()
    write_json_lines(Path("verse/poems.jsonl"), (poem._asdict() for poem in poems))
    write_json_lines(Path("verse/tags.jsonl"), ({"lines": [["NN"] for _ in poem.lines]} for poem in poems))
    lines = read_lines(Path("verse"))
    assert lines.groups.tolist() == [*range(8), 8, 8]
    assert lines.counts(lines.poems) == [4, 6]
    for seed in range(5):
        for number in range(4):
            train, test = split(lines, Fold("poem", 0, number), folds=4, seed=seed)
            assert not set(lines.groups[train]) & set(lines.groups[test])


def test_by_line_the_lines_of_a_poem_are_on_both_sides() -> None:
    lines = lines_of([[10, 10, 10], [10, 10, 10]])
    train, test = split(lines, Fold("line", 0, 0), folds=3, seed=1)
    assert set(lines.poems[train]) & set(lines.poems[test])
    assert np.bincount(lines.labels[test]).tolist() == [10, 10]


def test_a_repeat_draws_other_folds_and_a_seed_the_same() -> None:
    lines = lines_of([[3] * 9, [4] * 8])
    for by in ("poem", "line"):
        one, same, other = (split(lines, Fold(by, repeat, 0), folds=3, seed=1)[1].tolist() for repeat in (0, 0, 1))
        assert one == same != other


def test_the_plan_has_every_fold_of_both() -> None:
    folds = plan(3, 2)
    assert len(folds) == len(set(folds)) == 12
    assert {fold.by for fold in folds} == {"poem", "line"}


@pytest.mark.parametrize(
    ("poems", "message"),
    [
        ([[5] * 9, [5, 5]], "folds is 3, but poet_1 has fewer poems (2; those that share 5 words"),
        ([[1] * 9, [1]], "folds is 3, but poet_1 has fewer poems (1; those that share 5 words"),
        ([[1] * 3, [1] * 3], "book_lines is 10, but there are only 6 lines"),
    ],
)
def test_too_few_poems_or_lines(poems: list[list[int]], message: str) -> None:
    with pytest.raises(UserError) as error:
        check_lines(lines_of(poems), 3, 10)
    assert message in str(error.value)
