import math
from pathlib import Path

import numpy as np
import pytest

from models.batch import Batch
from pipeline import baselines
from pipeline.batches.rows import RowBatches, SequenceData
from pipeline.ngrams import markov_scores as markov
from pipeline.ngrams.markov import add_one, kneser_ney
from pipeline.ngrams.ngram_counts import SortedText
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from pipeline.scores.figures import perplexity, read_scores, unigram_scores
from pipeline.scores.targets import read_targets
from pipeline.settings.model_sections import Sentences
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.store.building import build
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import END
from tests.articles import VOCABULARY, an_article
from tests.conftest import ErrorOf


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
    baselines.main(["s.db", "scores", "--metrics", "metrics"])
    assert {path.name for path in Path("scores").iterdir()} == set(NGRAM_MODELS)
    return {name: read_json(Path(f"metrics/{name}.json")) for name in NGRAM_MODELS}


def data(database: Path) -> SequenceData:
    return SequenceData(database, seed=1, batches=Sentences(kind="sentences", tokens=64))


@pytest.mark.parametrize("runs_at_once", [1, 5])
def test_the_training_text_is_every_row_between_start_and_end(
    database: Path, monkeypatch: pytest.MonkeyPatch, runs_at_once: int
) -> None:
    monkeypatch.setattr(markov, "RUNS_AT_ONCE", runs_at_once)
    text = markov.training_text(Sequences(database), 100, 1)
    assert text.tolist() == [0, 2, 3, 1, 0, 2, 4, 1] * 3
    assert text.dtype == np.dtype("<u2")


def test_of_too_many_words_whole_runs_of_rows_are_drawn(in_tmp: Path) -> None:
    build(in_tmp / "s.db", [an_article(n, [[n, 3], [2, 4]]) for n in (2, 3, 4)], VOCABULARY, 0.0)
    sequences = Sequences(in_tmp / "s.db")
    texts = [markov.training_text(sequences, most, seed).tolist() for most in (7, 11) for seed in range(9)]
    assert [len(text) for text in texts] == [8] * 9 + [16] * 9  # of articles of two rows of two words, START and END
    runs = [[0, n, 3, 1, 0, 2, 4, 1] for n in (2, 3, 4)]
    for text in texts:
        assert all(text[start : start + 8] in runs for start in range(0, len(text), 8))
    assert len({tuple(text) for text in texts[:9]}) > 1


def test_a_limit_below_an_article_is_refused(database: Path) -> None:
    with pytest.raises(UserError, match=r"^params.yaml: baselines.most_words is 1; an article has \d; set it to more$"):
        markov.training_text(Sequences(database), 1, 1)


def test_places_are_words_and_end_of_each_row_in_the_databases_order(database: Path) -> None:
    sequences = Sequences(database)
    model = add_one(SortedText(markov.training_text(sequences), 2, 5), 2, 1.0)
    scores = markov.score_split(model, sequences, "test")
    # START 2 2 3 END and START 4 2 END. Behind START 6 a of 6, behind a 3 b and 3 c of 6, behind b and c 3 END of 3.
    expected = [7 / 11, 1 / 11, 4 / 11, 4 / 8, 1 / 11, 1 / 8, 1 / 11]
    np.testing.assert_allclose(np.exp(scores["log_probability"]), expected, rtol=1e-6)
    # b is as frequent behind a as c, and comes first.
    assert scores["right"].tolist() == [True, False, True, True, False, False, False]


@pytest.mark.parametrize("rows_at_once", [1, 2])
def test_places_do_not_depend_on_how_rows_are_read(
    database: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    sequences = Sequences(database)
    model = kneser_ney(SortedText(markov.training_text(sequences), 5, 5), 5)
    whole = markov.score_split(model, sequences, "test")
    monkeypatch.setattr("pipeline.store.building.ROWS_AT_ONCE", rows_at_once)
    database.unlink()
    np.testing.assert_array_equal(whole, markov.score_split(model, Sequences(a_database(1.0)), "test"))


@pytest.mark.parametrize("end_fraction", [0.0, 0.4, 1.0])
def test_targets_are_those_of_the_batches_that_models_are_tested_on(in_tmp: Path, end_fraction: float) -> None:
    rows = [[2] * length for length in range(1, 30)]
    build(Path("s.db"), [an_article(1, rows, "test")], VOCABULARY, end_fraction)
    source = data(Path("s.db"))
    batches = map(RowBatches(source.sequences).__getitem__, source.order("test"))
    drawn = [int(batch.inputs[row].count_nonzero()) for batch in batches for row in ended(batch)]
    targets = read_targets(source.sequences, "test").counted
    ends = np.cumsum([length + 1 for length in range(1, 30)]) - 1
    assert (np.flatnonzero(targets[ends]) + 1).tolist() == sorted(drawn)
    assert np.delete(targets, ends).all()


def ended(batch: Batch) -> list[int]:
    """The rows of a batch whose END is a target."""
    return np.flatnonzero((batch.targets == END).any(dim=1).numpy()).tolist()


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
def test_the_unigram_equals_the_baseline_of_the_stage_train(in_tmp: Path, end_fraction: float) -> None:
    source = data(a_database(end_fraction))
    figures = run()["unigram"]
    counts = source.target_counts()
    for split in ("valid", "test"):
        targets = read_targets(source.sequences, split)
        expected = perplexity(unigram_scores(counts, targets), targets)
        assert figures[f"{split}_perplexity"] == pytest.approx(expected, rel=1e-6)


def test_scores_are_what_figures_derive_from(database: Path) -> None:
    figures, targets = run(), {"test": read_targets(Sequences(database), "test")}
    for name in NGRAM_MODELS:
        scores = read_scores(Path("scores", name), targets, stage="baselines")["test"]
        assert figures[name]["test_perplexity"] == perplexity(scores, targets["test"])


def test_a_second_run_gives_the_same_figures(database: Path) -> None:
    first, second = run(), run()
    assert first == second
    figures = {f"{split}_{kind}" for split in ("valid", "test") for kind in ("perplexity", "accuracy")}
    assert all(figures < set(first[name]) for name in NGRAM_MODELS)


def test_one_row_a_split(in_tmp: Path) -> None:
    splits = ("train", "valid", "test")
    build(in_tmp / "s.db", [an_article(n, [[2]], split) for n, split in enumerate(splits)], VOCABULARY, 0.01)
    figures = run()
    # It has seen a at the start of a row, and nothing else.
    assert figures["trigram_kneser_ney"]["test_accuracy"] == 1
    assert 1 < figures["trigram_kneser_ney"]["test_perplexity"] < figures["unigram"]["test_perplexity"]


def test_a_split_without_rows(in_tmp: Path, error_of: ErrorOf) -> None:
    build(in_tmp / "s.db", [an_article(n, [[2, 3]], "train" if n else "valid") for n in range(5)], VOCABULARY, 0.01)
    assert "baselines: error: s.db: the test split, which takes whole articles, has no words" in error_of(run)
    assert not Path("metrics").exists()
    assert not Path("scores").exists()


def test_a_split_of_empty_rows_has_nothing_to_measure(in_tmp: Path, error_of: ErrorOf) -> None:
    rows: dict[str, list[list[int]]] = {"train": [[2, 3]], "valid": [[], []], "test": [[2, 3]]}
    articles = (an_article(n, own, split) for n, (split, own) in enumerate(rows.items()))
    build(in_tmp / "s.db", articles, VOCABULARY, 0.0)
    assert "s.db: the valid split, which takes whole articles, has no words; use more articles" in error_of(run)
