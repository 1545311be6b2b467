import math
from pathlib import Path

import numpy as np
import pytest

from models.language_model import IGNORED
from pipeline import baselines
from pipeline.batches.rows import SequenceData
from pipeline.batches.settings import Sentences
from pipeline.ngrams import evaluation as markov
from pipeline.ngrams.models import add_one
from pipeline.run.outputs import read_json
from pipeline.store.sequences import Sequences, build
from pipeline.training.language_model import unigram_perplexity
from tests.store.test_sequences import VOCABULARY, an_article

NAMES = ("unigram", "bigram_add_one", "bigram_kneser_ney", "trigram_kneser_ney")


def a_database(end_fraction: float) -> Path:
    """Six training rows, a b and a c in turn; two others, to be measured on, with other words between."""
    rows = [[2, 3], [2, 4]]
    held_out = [an_article(7, [[2, 2, 3], [4, 2]], "valid"), an_article(8, [[2, 2, 3], [4, 2]], "test")]
    build(Path("s.db"), [*(an_article(n, rows) for n in range(3)), *held_out], VOCABULARY, end_fraction)
    return Path("s.db")


@pytest.fixture
def database(in_tmp: Path) -> Path:
    return a_database(1.0)


def run() -> dict[str, dict[str, float]]:
    baselines.main(["s.db", "--metrics", "metrics"])
    return {name: read_json(Path(f"metrics/{name}.json")) for name in NAMES}


def data(database: Path, tokens: int = 64) -> SequenceData:
    return SequenceData(database, seed=1, batches=Sentences(kind="sentences", tokens=tokens))


def test_the_training_text_is_every_row_between_start_and_end(database: Path) -> None:
    text = markov.training_text(Sequences(database), 100, 1)
    assert text.tolist() == [0, 2, 3, 1, 0, 2, 4, 1] * 3
    assert text.dtype == np.dtype("<u2")


def test_of_too_many_words_whole_rows_are_drawn(database: Path) -> None:
    texts = [markov.training_text(Sequences(database), most, seed).tolist() for most in (7, 11) for seed in range(9)]
    assert [len(text) for text in texts] == [12] * 9 + [20] * 9  # of rows of two words, START and END
    for text in texts:
        assert all(text[start : start + 4] in ([0, 2, 3, 1], [0, 2, 4, 1]) for start in range(0, len(text), 4))
    assert len({tuple(text) for text in texts[:9]}) > 1


@pytest.mark.parametrize("rows_at_once", [1, 5])
def test_the_training_text_does_not_depend_on_how_it_is_read(
    database: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr(markov, "ROWS_AT_ONCE", rows_at_once)
    assert markov.training_text(Sequences(database), 100, 1).tolist() == [0, 2, 3, 1, 0, 2, 4, 1] * 3


@pytest.mark.parametrize("tokens", [3, 64])
def test_the_targets_are_the_models_behind_the_two_words_before_them(database: Path, tokens: int) -> None:
    batches = list(data(database, tokens).loader("test"))
    found = [
        (*context, word)
        for contexts, words in map(markov.targets_of, batches)
        for context, word in zip(contexts.tolist(), words.tolist(), strict=True)
    ]
    # START 2 2 3 END and START 4 2 END.
    assert sorted(found) == sorted([(0, 0, 2), (0, 2, 2), (2, 2, 3), (2, 3, 1), (0, 0, 4), (0, 4, 2), (4, 2, 1)])
    assert len(found) == sum(int((batch.targets != IGNORED).sum()) for batch in batches)


def test_perplexity_and_accuracy_worked_out_by_hand(in_tmp: Path) -> None:
    a_database(0.0)
    figures = run()
    unigram, bigram = figures["unigram"], figures["bigram_add_one"]
    # Training: 6 a, 3 b, 3 c, no END; each of the 5 ids once more: 7, 4 and 4 of 17. Test: a a b, c a.
    assert unigram["test_perplexity"] == pytest.approx(math.exp(-(3 * math.log(7 / 17) + 2 * math.log(4 / 17)) / 5))
    assert unigram["test_accuracy"] == pytest.approx(3 / 5)
    # Behind START 6 a of 6: a 7/11, c 1/11. Behind a 3 b, 3 c of 6: a 1/11, b 4/11. Behind c: a 1/5.
    assert bigram["test_perplexity"] == pytest.approx(
        math.exp(-sum(map(math.log, (7 / 11, 1 / 11, 4 / 11, 1 / 11, 1 / 5))) / 5)
    )
    assert unigram["train_tokens"] == 12
    assert unigram["test_targets"] == unigram["valid_targets"] == 5


@pytest.mark.parametrize("end_fraction", [0.0, 0.3, 1.0])
def test_the_unigram_is_the_one_that_models_are_trained_beside(in_tmp: Path, end_fraction: float) -> None:
    source = data(a_database(end_fraction))
    figures = run()["unigram"]
    counts = source.target_counts()
    for split in ("valid", "test"):
        assert figures[f"{split}_perplexity"] == pytest.approx(unigram_perplexity(source, counts, split), rel=1e-12)


def test_measuring_in_batches_is_measuring_at_once(database: Path) -> None:
    source = data(database, tokens=3)
    text = markov.training_text(source.sequences, 100, 1)
    model = add_one(text, 2, 5, end_fraction=1.0)
    figures = markov.evaluate({"m": model}, source, "test")["m"]
    contexts, words = (
        np.concatenate(arrays) for arrays in zip(*map(markov.targets_of, source.loader("test")), strict=True)
    )
    surprise = -np.log(model.probabilities(contexts, words)).mean()
    assert figures["test_perplexity"] == pytest.approx(math.exp(surprise))
    assert figures["test_accuracy"] == (model.best(contexts) == words).mean()


def test_a_second_run_gives_the_same_figures(database: Path) -> None:
    first, second = run(), run()
    assert first == second
    figures = {f"{split}_{kind}" for split in ("valid", "test") for kind in ("perplexity", "accuracy")}
    assert all(figures < set(first[name]) for name in NAMES)


def test_one_row_a_split(in_tmp: Path) -> None:
    splits = ("train", "valid", "test")
    build(in_tmp / "s.db", [an_article(n, [[2]], split) for n, split in enumerate(splits)], VOCABULARY, 0.01)
    figures = run()
    # It has seen a at the start of a row, and nothing else.
    assert figures["trigram_kneser_ney"]["test_accuracy"] == 1
    assert 1 < figures["trigram_kneser_ney"]["test_perplexity"] < figures["unigram"]["test_perplexity"]


def test_a_split_without_rows(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(in_tmp / "s.db", [an_article(n, [[2, 3]], "train" if n else "valid") for n in range(5)], VOCABULARY, 0.01)
    with pytest.raises(SystemExit) as exit_:
        run()
    assert exit_.value.code == 1
    assert "baselines: error: s.db: has no test rows" in capsys.readouterr().err
    assert not Path("metrics").exists()


def test_a_vocabulary_too_large_to_count(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(baselines, "MOST_IDS", 4)
    with pytest.raises(SystemExit):
        run()
    assert "s.db: has 5 word ids, and n-grams of at most 4 can be counted: lower" in capsys.readouterr().err


def test_a_database_that_is_not_there(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run()
    assert capsys.readouterr().err == "baselines: error: s.db: not found; run `dvc repro index`\n"
