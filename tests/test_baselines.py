import math
from pathlib import Path

import numpy as np
import pytest

from models.batch import IGNORED
from pipeline import baselines
from pipeline.batches.rows import SequenceData
from pipeline.batches.settings import Sentences
from pipeline.ngrams import evaluation as markov
from pipeline.ngrams.models import add_one
from pipeline.run.outputs import read_json
from pipeline.store.sequences import SPLITS, Article, Sequences, build
from pipeline.training.language_model import unigram_perplexity
from tests.store.test_sequences import VOCABULARY, an_article

NAMES = ("unigram", "bigram_add_one", "bigram_kneser_ney", "trigram_kneser_ney")


ARTICLES = [
    *(an_article(n, [[2, 3], [2, 4]]) for n in range(3)),
    an_article(7, [[2, 2, 3], [4, 2]], "valid"),
    an_article(8, [[2, 2, 3], [4, 2]], "test"),
]
ONE_EACH = [an_article(n, [[2]], split) for n, split in enumerate(SPLITS)]


def write(articles: list[Article], end_fraction: float = 0.01) -> None:
    """Write the articles as s.db."""
    Path("s.db").unlink(missing_ok=True)
    build(Path("s.db"), articles, VOCABULARY, end_fraction)


@pytest.fixture
def database(in_tmp: Path) -> Path:
    """Six training rows, a b and a c in turn; the other splits have other words, too."""
    write(ARTICLES, end_fraction=1.0)
    return Path("s.db")


def run() -> dict[str, float]:
    baselines.main(["s.db", "--metrics", "m.json"])
    figures: dict[str, float] = read_json(Path("m.json"))
    return figures


def data(tokens: int = 64) -> SequenceData:
    return SequenceData(Path("s.db"), seed=1, batches=Sentences(kind="sentences", tokens=tokens))


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


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("tokens", [3, 64])
def test_the_targets_are_the_models_behind_the_two_words_before_them(tokens: int) -> None:
    batches = list(data(tokens).loader("test"))
    found = [
        (*context, word)
        for contexts, words in map(markov.targets_of, batches)
        for context, word in zip(contexts.tolist(), words.tolist(), strict=True)
    ]
    # START 2 2 3 END and START 4 2 END.
    assert sorted(found) == sorted([(0, 0, 2), (0, 2, 2), (2, 2, 3), (2, 3, 1), (0, 0, 4), (0, 4, 2), (4, 2, 1)])
    assert len(found) == sum(int((batch.targets != IGNORED).sum()) for batch in batches)


@pytest.mark.usefixtures("in_tmp")
def test_perplexity_and_accuracy_worked_out_by_hand() -> None:
    write(ARTICLES, end_fraction=0.0)
    figures = run()
    # Training: 6 a, 3 b, 3 c, no END; each of the 5 ids once more: 7, 4 and 4 of 17. Test: a a b, c a.
    assert figures["unigram_test_perplexity"] == pytest.approx(
        math.exp(-(3 * math.log(7 / 17) + 2 * math.log(4 / 17)) / 5)
    )
    assert figures["unigram_test_accuracy"] == pytest.approx(3 / 5)
    # Behind START 6 a of 6: a 7/11, c 1/11. Behind a 3 b, 3 c of 6: a 1/11, b 4/11. Behind c: a 1/5.
    assert figures["bigram_add_one_test_perplexity"] == pytest.approx(
        math.exp(-sum(map(math.log, (7 / 11, 1 / 11, 4 / 11, 1 / 11, 1 / 5))) / 5)
    )
    assert figures["train_tokens"] == 12
    assert figures["test_targets"] == figures["valid_targets"] == 5


@pytest.mark.usefixtures("in_tmp")
@pytest.mark.parametrize("end_fraction", [0.0, 0.3, 1.0])
def test_the_unigram_is_the_one_that_models_are_compared_with(end_fraction: float) -> None:
    write(ARTICLES, end_fraction)
    figures = run()
    source = data()
    counts = source.target_counts()
    for split in ("valid", "test"):
        assert figures[f"unigram_{split}_perplexity"] == pytest.approx(
            unigram_perplexity(source, counts, split), rel=1e-12
        )


@pytest.mark.usefixtures("database")
def test_measuring_in_batches_is_measuring_at_once() -> None:
    source = data(tokens=3)
    text = markov.training_text(source.sequences, 100, 1)
    model = add_one(text, 2, 5, end_fraction=1.0)
    figures = markov.evaluate({"m": model}, source, "test")
    contexts, words = (
        np.concatenate(arrays) for arrays in zip(*map(markov.targets_of, source.loader("test")), strict=True)
    )
    surprise = -np.log(model.probabilities(contexts, words)).mean()
    assert figures["m_test_perplexity"] == pytest.approx(math.exp(surprise))
    assert figures["m_test_accuracy"] == (model.best(contexts) == words).mean()


@pytest.mark.usefixtures("database")
def test_a_second_run_gives_the_same_figures() -> None:
    first, second = run(), run()
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    assert {
        f"{name}_{split}_{kind}" for name in NAMES for split in ("valid", "test") for kind in ("perplexity", "accuracy")
    } < set(first)


@pytest.mark.usefixtures("in_tmp")
def test_one_row_a_split() -> None:
    write(ONE_EACH)
    figures = run()
    # It has seen a at the start of a row, and nothing else.
    assert figures["trigram_kneser_ney_test_accuracy"] == 1
    assert 1 < figures["trigram_kneser_ney_test_perplexity"] < figures["unigram_test_perplexity"]


@pytest.mark.usefixtures("in_tmp")
def test_a_split_without_rows(capsys: pytest.CaptureFixture[str]) -> None:
    write(ONE_EACH[:2])
    with pytest.raises(SystemExit) as exit_:
        run()
    assert exit_.value.code == 1
    assert "baselines: error: s.db: has no test rows" in capsys.readouterr().err
    assert not Path("m.json").exists()


@pytest.mark.usefixtures("database")
def test_a_vocabulary_too_large_to_count(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(baselines, "MOST_IDS", 4)
    with pytest.raises(SystemExit):
        run()
    assert "s.db: has 5 word ids, and n-grams of at most 4 can be counted" in capsys.readouterr().err


@pytest.mark.usefixtures("in_tmp")
def test_a_database_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run()
    assert capsys.readouterr().err == "baselines: error: s.db: not found; run `dvc repro index`\n"
