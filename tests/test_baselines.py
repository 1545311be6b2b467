from pathlib import Path

import numpy as np
import pytest

from pipeline import baselines
from pipeline.batches.rows import SequenceData
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


def test_the_training_text_is_every_row_between_start_and_end(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markov, "RUNS_AT_ONCE", 1)
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


def test_places_do_not_depend_on_how_rows_are_read(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sequences = Sequences(database)
    model = kneser_ney(SortedText(markov.training_text(sequences), 5, 5), 5)
    whole = markov.score_split(model, sequences, "test")
    monkeypatch.setattr("pipeline.store.building.ROWS_AT_ONCE", 1)
    database.unlink()
    np.testing.assert_array_equal(whole, markov.score_split(model, Sequences(a_database(1.0)), "test"))


@pytest.mark.parametrize("end_fraction", [0.0, 0.3])
def test_the_unigram_equals_the_baseline_of_the_stage_train(in_tmp: Path, end_fraction: float) -> None:
    source = data(a_database(end_fraction))
    figures = run()["unigram"]
    counts = source.target_counts()
    for split in ("valid", "test"):
        targets = read_targets(source.sequences, split)
        expected = perplexity(unigram_scores(counts, targets), targets)
        assert figures[f"{split}_perplexity"] == pytest.approx(expected, rel=1e-6)


def test_one_row_a_split(in_tmp: Path) -> None:
    splits = ("train", "valid", "test")
    build(in_tmp / "s.db", [an_article(n, [[2]], split) for n, split in enumerate(splits)], VOCABULARY, 0.01)
    figures = run()
    # It has seen a at the start of a row, and nothing else.
    assert figures["trigram_kneser_ney"]["test_accuracy"] == 1
    assert 1 < figures["trigram_kneser_ney"]["test_perplexity"] < figures["unigram"]["test_perplexity"]


def test_figures_repeat_and_derive_from_the_scores(database: Path) -> None:
    figures, targets = run(), {"test": read_targets(Sequences(database), "test")}
    assert figures == run()
    for name in NGRAM_MODELS:
        scores = read_scores(Path("scores", name), targets, stage="baselines")["test"]
        assert figures[name]["test_perplexity"] == perplexity(scores, targets["test"])
        assert {"valid_perplexity", "valid_accuracy", "test_accuracy"} < set(figures[name])
        assert figures[name]["train_tokens"] == 12


@pytest.mark.parametrize("missing", ["test", "valid"])
def test_a_split_without_words_is_one_line(in_tmp: Path, missing: str, error_of: ErrorOf) -> None:
    rows: dict[str, list[list[int]]] = {"train": [[2, 3]], "valid": [[2, 3]], "test": [[2, 3]], missing: [[], []]}
    build(in_tmp / "s.db", (an_article(n, rows[split], split) for n, split in enumerate(rows)), VOCABULARY, 0.0)
    assert f"s.db: the {missing} split, which takes whole articles, has no words; use more articles" in error_of(run)
    assert not Path("scores").exists()
