from pathlib import Path

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.sample import Sampling
from pipeline.experiments.generation.poet import (
    choose_words,
    find_poet,
    index_poems,
    read_poet,
    split_poems,
    write_lines,
)
from pipeline.experiments.verse.novelty import ngrams
from pipeline.experiments.verse.poems import SHARED_WORDS, Poem, deduplicate, parse_verse, read_text, words_of
from pipeline.run.errors import UserError
from pipeline.run.outputs import write_json
from pipeline.settings.experiment_sections import PoetModel
from pipeline.store.sequences import SPLITS, Sequences
from pipeline.store.vocabulary import Vocabulary
from pipeline.training.learnt import Learnt, record_of, write_learnt
from pipeline.training.train_language_model import make_language_model
from tests.experiments.verse.test_related import poem


def of_lengths(*lengths: int) -> list[Poem]:
    return [poem(number, *(f"line {line}" for line in range(length))) for number, length in enumerate(lengths)]


def test_related_poems_stay_together(shared: Path) -> None:
    poems, _ = deduplicate("poe", parse_verse(read_text(shared / "data/poems/edgar_allan_poe.txt"))[0])
    for seed in range(5):
        splits = split_poems(poems, 0.1, 0.15, seed)
        runs = [
            {run for poem in own for line in poem.lines for run in ngrams(words_of(line), SHARED_WORDS)}
            for own in splits.values()
        ]
        assert len(set.union(*runs)) == sum(map(len, runs))  # no run in two splits
        assert sum(map(len, splits.values())) == len(poems)


@pytest.mark.parametrize(
    ("valid", "test", "cure"),
    [
        (0.4, 0.5, "smaller valid_fraction and test_fraction"),
        (0.1, 0.2, "a larger poetry_generation.valid_fraction"),
    ],
)
def test_the_message_on_an_empty_split_names_settings_that_exist(valid: float, test: float, cure: str) -> None:
    with pytest.raises(UserError, match=f"; give more verse, or {cure}"):
        split_poems(of_lengths(2, 2), valid, test, 1)


SPLIT = {
    "train": [poem(0, "The wheel, the weir", "A wheel"), poem(2, "The weir")],
    "valid": [poem(1, "The wheel and the sea")],
    "test": [poem(3, "A heron")],
}


@settings(deadline=None)
@given(st.lists(st.integers(1, 12), min_size=10, max_size=60), st.integers(0, 99))
def test_whole_poems_are_split_by_their_lines(lengths: list[int], seed: int) -> None:
    assume(max(lengths) < 0.2 * sum(lengths))  # else a poem may be too long to leave some for every split
    poems = of_lengths(*lengths)
    splits = split_poems(poems, 0.2, 0.2, seed)
    assert sorted(number for own in splits.values() for number in (p.poem for p in own)) == list(range(len(poems)))
    assert all(own == sorted(own, key=lambda poem: poem.poem) for own in splits.values())
    for split, share in zip(SPLITS, (0.6, 0.2, 0.2), strict=True):
        lines = sum(len(poem.lines) for poem in splits[split])
        assert abs(lines - share * sum(lengths)) <= max(lengths)


def test_the_seed_decides_on_the_split() -> None:
    poems = of_lengths(*range(1, 30))
    assert split_poems(poems, 0.1, 0.1, 1) == split_poems(poems, 0.1, 0.1, 1) != split_poems(poems, 0.1, 0.1, 2)


@pytest.mark.parametrize("lengths", [[1], [9], [5, 5], [1, 1, 1, 1]])
def test_too_few_poems_to_hold_some_out(lengths: list[int]) -> None:
    with pytest.raises(UserError, match=rf"ann: {len(lengths)} poem\(s\) of {sum(lengths)} line\(s\) are too few"):
        split_poems(of_lengths(*lengths), 0.1, 0.1, 1)


def test_words_by_count_then_by_themselves_and_rare_ones_unknown() -> None:
    lines = [["b", "a", "c"], ["a", "b"], ["d"]]
    assert choose_words(lines, 2) == Vocabulary.of([("a", 2), ("b", 2)], rows=3, unknown=2)


def test_poems_are_articles_and_lines_rows(tmp_path: Path) -> None:
    index_poems(tmp_path / "s.db", SPLIT, "words", 2, 1.0)
    sequences = Sequences(tmp_path / "s.db")
    assert (sequences.vocabulary.words, sequences.end_fraction) == (["the", "weir", "wheel"], 1.0)
    rows = {
        split: [row.tolist() for row in sequences.rows(sequences.ids_and_lengths(split)[0].tolist())]
        for split in SPLITS
    }
    assert rows == {"train": [[2, 4, 2, 3], [5, 4], [2, 3]], "valid": [[2, 4, 5, 2, 5]], "test": [[5, 5]]}
    assert sequences.article_ids("train").tolist() == [0, 0, 2]


def test_rows_of_characters_have_blanks_between_words(tmp_path: Path) -> None:
    index_poems(tmp_path / "c.db", SPLIT, "characters", 2, 1.0)
    sequences = Sequences(tmp_path / "c.db")
    tokens = sequences.vocabulary.by_id
    rows = sequences.rows(sequences.ids_and_lengths("train")[0].tolist())
    lines = [" ".join(words_of(line)) for poem in SPLIT["train"] for line in poem.lines]
    assert ["".join(tokens[id] for id in row) for row in rows] == lines


def test_a_model_of_characters_writes_words(tmp_path: Path) -> None:
    index_poems(tmp_path / "characters.db", SPLIT, "characters", 2, 1.0)
    vocabulary = Sequences(tmp_path / "characters.db").vocabulary
    chosen = PoetModel.model_validate({"reads": "characters", "embedding_size": 4, "hidden_sizes": [4]})
    torch.manual_seed(0)
    model = make_language_model(chosen, len(vocabulary), torch.ones(len(vocabulary)))
    write_learnt(tmp_path, Learnt(record_of(chosen, 1, vocabulary), model.state_dict(), {}, []))
    lines = write_lines(read_poet(tmp_path), 50, Sampling(), seed=3)
    assert any(len(line) > 1 for line in lines)
    assert not any(" " in word or word in ("START", "END", "UNKNOWN") for line in lines for word in line)


def test_a_poet_who_repeats_no_word(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="ann: no word occurs 3 times"):
        index_poems(tmp_path / "s.db", {"train": [poem(0, "Wheel weir wheel")]}, "words", 3, 1.0)


def indexed(folder: Path) -> Vocabulary:
    index_poems(folder / "sequences.db", SPLIT, "words", 2, 1.0)
    return Sequences(folder / "sequences.db").vocabulary


@pytest.mark.parametrize(
    "loss", [{"kind": "exact"}, {"kind": "sampled", "negatives": 2}, {"kind": "adaptive", "cutoffs": [2]}]
)
def test_a_model_that_is_read_again_writes_known_words(tmp_path: Path, loss: dict[str, object]) -> None:
    vocabulary = indexed(tmp_path)
    unit = {"kind": "rated", "activation": "relu"}
    chosen = PoetModel.model_validate({"unit": unit, "embedding_size": 4, "hidden_sizes": [4], "loss": loss})
    torch.manual_seed(0)
    model = make_language_model(chosen, 6, torch.tensor([0, 3, 3, 2, 2, 1]))
    write_learnt(tmp_path, Learnt(record_of(chosen, 1, vocabulary), model.state_dict(), {}, []))
    poet = read_poet(tmp_path)
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(poet.model.state_dict()[name], weight)
    lines = write_lines(poet, 50, Sampling(temperature=5.0), seed=3)
    assert {word for line in lines for word in line} == {"the", "weir", "wheel"}
    assert {len(line) for line in lines} == {1, 2, 3, 4}
    assert lines == write_lines(poet, 50, Sampling(temperature=5.0), seed=3)


@pytest.fixture
def poets(tmp_path: Path) -> Path:
    for name in ("edgar_allan_poe", "robert_frost", "robert_browning", "frost"):
        (tmp_path / name).mkdir()
        write_json(tmp_path / name / "model.json", {})
    (tmp_path / "gru").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("robert_frost", "robert_frost"),
        ("Robert Frost", "robert_frost"),
        ("frost", "frost"),  # a whole name before part of one
        ("poe", "edgar_allan_poe"),
        ("e", "edgar_allan_poe"),  # a beginning before a middle
        ("BROWN", "robert_browning"),
    ],
)
def test_part_of_a_name_is_enough(poets: Path, asked: str, name: str) -> None:
    assert find_poet(poets, asked) == name


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("robert", "--poet robert: may be robert_browning or robert_frost"),
        ("keats", "--poet keats: no such poet; there are edgar_allan_poe, frost, robert_browning, robert_frost"),
        ("", "--poet is missing: there are edgar_allan_poe, frost, robert_browning, robert_frost"),
    ],
)
def test_a_name_that_is_not_one_poets(poets: Path, asked: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        find_poet(poets, asked)


def test_the_only_poet_needs_no_name(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    write_json(tmp_path / "ann/model.json", {})
    assert find_poet(tmp_path, "") == "ann"
