from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.experiments.classification.folds import assign, check_folds, choose_settings, plan
from pipeline.experiments.classification.lines import Lines, read_lines
from pipeline.experiments.verse.poems import Poem
from pipeline.run.errors import UserError
from pipeline.run.outputs import write_json_lines
from pipeline.settings.experiment_sections import PoetryClassification


def lines_of(poems: list[list[int]]) -> Lines:
    """Lines of poets, each given by how many lines each of the poems has."""
    labels = [label for label, sizes in enumerate(poems) for size in sizes for _ in range(size)]
    numbers = np.arange(sum(map(len, poems)))
    sizes = [size for own in poems for size in own]
    tags = [["NN", "VB"] for _ in labels]
    poets, own = [f"poet_{n}" for n in range(len(poems))], np.repeat(numbers, sizes)
    return Lines(poets, tags, np.array(labels), own, own)


POEMS = st.lists(st.lists(st.integers(1, 9), min_size=4, max_size=12), min_size=2, max_size=4)


@settings(max_examples=25, deadline=None)
@given(POEMS, st.integers(3, 4), st.integers(0, 99))
def test_a_poem_is_in_one_fold_and_each_fold_has_every_poet_in_training(
    poems: list[list[int]], folds: int, repeat: int
) -> None:
    lines = lines_of(poems)
    found = assign(lines, repeat, folds)
    assert set(found) <= set(range(folds))
    for fold in range(folds):
        assert not set(lines.poems[found == fold]) & set(lines.poems[found != fold])
        assert set(lines.labels[found != fold]) == set(lines.labels)


def test_related_poems_stay_together(in_tmp: Path) -> None:
    poems = [Poem(poet, n, n, None, [[f"{poet} {n}"]]) for poet in ("ann", "bo") for n in range(4)]
    poems += [Poem("bo", n, 4, None, [[f"bo {n}"]]) for n in (4, 5)]
    Path("verse").mkdir()
    write_json_lines(Path("verse/poems.jsonl"), (poem._asdict() for poem in poems))
    write_json_lines(Path("verse/tags.jsonl"), ({"lines": [["NN"] for _ in poem.lines]} for poem in poems))
    lines = read_lines(Path("verse"))
    assert lines.groups.tolist() == [*range(8), 8, 8]
    for repeat in range(5):
        assert len(set(assign(lines, repeat, 4)[-2:])) == 1


def test_the_plan_has_every_fold_and_every_pair_of_folds_and_repeats_draw_others() -> None:
    once = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]
    assert plan(PoetryClassification(folds=3, repeats=2)) == [(repeat, folds) for repeat in (0, 1) for folds in once]
    lines = lines_of([[3] * 9, [4] * 8])
    one, same, other = (assign(lines, repeat, 3).tolist() for repeat in (0, 0, 1))
    assert one == same != other


def test_a_setting_is_chosen_without_the_fold_that_it_is_tested_on() -> None:
    """The setting "bad" is right in fold 0, the setting "good" in the others."""
    lines, params = lines_of([[4] * 6, [4] * 6]), PoetryClassification(folds=3)
    fold_of = assign(lines, 0, 3)
    found = []
    for held in plan(params):
        out = np.isin(fold_of, held.folds)
        labels, first = lines.labels[out], fold_of[out] == 0
        bad, good = np.where(first, labels, 1 - labels), np.where(first, 1 - labels, labels)
        found.append((held, {"one": {"bad": bad, "good": good}, "other": {"only": labels}}))
    outcomes = list(choose_settings(lines, params, found))
    assert [outcome.chosen["one"] for outcome in outcomes] == ["good", "bad", "bad"]  # of equal ones the first
    for fold, outcome in enumerate(outcomes):
        assert outcome.labels.tolist() == lines.labels[fold_of == fold].tolist()
        assert not (outcome.predicted["one"] == outcome.labels).any()
        assert (outcome.predicted["other"] == outcome.labels).all()


@pytest.mark.parametrize("poems", [[[5] * 9, [5, 5]], [[2, 1099, 6], [37, 2, 2, 6]]])
def test_poems_in_fewer_than_three_folds_are_reported(poems: list[list[int]]) -> None:
    """scikit-learn puts two of three poems into one fold where they are much shorter than the third."""
    params = PoetryClassification(folds=3)
    check_folds(lines_of([[5, 6, 7], [5, 6, 7]]), params)
    with pytest.raises(UserError, match=r"folds is 3, but poet_[01]'s [23] poems are in 2 of them .* give more verse"):
        check_folds(lines_of(poems), params)
