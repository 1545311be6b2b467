from pathlib import Path

import numpy as np
import pytest

from pipeline import baselines
from pipeline.batches.rows import SequenceData
from pipeline.example import choose
from pipeline.ngrams import text as ngram_text
from pipeline.ngrams.markov import add_one
from pipeline.ngrams.ngram_counts import SortedText
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from pipeline.scores import markov_scores as markov
from pipeline.scores.figures import perplexity, read_scores, unigram_perplexity
from pipeline.scores.targets import read_targets
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.store.building import build
from pipeline.store.sequences import HELD_OUT, Sequences
from tests.articles import VOCABULARY, an_article


def a_database(end_fraction: float = 1.0) -> Path:
    """Six training rows, a b and a c in turn; two others, to be measured on, with other words between."""
    rows = [[2, 3], [2, 4]]
    held_out = [an_article(7, [[2, 2, 3], [4, 2]], "valid"), an_article(8, [[2, 2, 3], [4, 2]], "test")]
    build(Path("s.db"), [*(an_article(n, rows) for n in range(3)), *held_out], VOCABULARY, end_fraction)
    return Path("s.db")


def run() -> dict[str, dict[str, float]]:
    choose(Sequences(Path("s.db"))).write(Path("example.json"))
    baselines.main(["s.db", "example.json", "scores", "--metrics", "metrics"])
    assert {path.name for path in Path("scores").iterdir()} == set(NGRAM_MODELS)
    return {name: read_json(Path(f"metrics/{name}.json")) for name in NGRAM_MODELS}


def test_the_training_text_is_every_row_between_start_and_end(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngram_text, "RUNS_COUNTED", 1)
    sequences = Sequences(a_database())
    text = ngram_text.training_text(sequences, 100, 1)
    assert text.tolist() == [0, 2, 3, 1, 0, 2, 4, 1] * 3
    assert text.dtype == np.dtype("<u2")
    with pytest.raises(UserError, match=r"^params.yaml: baselines.most_words is 1; an article has \d; set it to more$"):
        ngram_text.training_text(sequences, 1, 1)


def test_of_too_many_words_whole_runs_of_rows_are_drawn(in_tmp: Path) -> None:
    build(in_tmp / "s.db", [an_article(n, [[n, 3], [2, 4]]) for n in (2, 3, 4)], VOCABULARY, 0.0)
    sequences = Sequences(in_tmp / "s.db")
    texts = [ngram_text.training_text(sequences, most, seed).tolist() for most in (7, 11) for seed in range(9)]
    assert [len(text) for text in texts] == [8] * 9 + [16] * 9  # of articles of two rows of two words, START and END
    runs = [[0, n, 3, 1, 0, 2, 4, 1] for n in (2, 3, 4)]
    for text in texts:
        assert all(text[start : start + 8] in runs for start in range(0, len(text), 8))
    assert len({tuple(text) for text in texts[:9]}) > 1


@pytest.mark.parametrize("rows_at_once", [1, 100])
def test_places_are_words_and_end_of_each_row_in_the_databases_order(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr("pipeline.store.building.ROWS_OF_LENGTHS", rows_at_once)
    sequences = Sequences(a_database())
    model = add_one(SortedText(ngram_text.training_text(sequences), 2, 5), 2, 1.0)
    scores = markov.score_by_markov(model, sequences, "test")
    # START 2 2 3 END and START 4 2 END. Behind START 6 a of 6, behind a 3 b and 3 c of 6, behind b and c 3 END of 3.
    expected = [7 / 11, 1 / 11, 4 / 11, 4 / 8, 1 / 11, 1 / 8, 1 / 11]
    np.testing.assert_allclose(np.exp(scores["log_probability"]), expected, rtol=1e-6)
    # b is as frequent behind a as c, and comes first.
    assert scores["right"].tolist() == [True, False, True, True, False, False, False]


@pytest.mark.parametrize("end_fraction", [0.0, 0.3])
def test_figures_repeat_and_derive_from_the_scores_and_the_unigram_is_the_stage_trains(
    in_tmp: Path, end_fraction: float
) -> None:
    sequences, figures = Sequences(a_database(end_fraction)), run()
    assert figures == run()
    counts = SequenceData(sequences.path, seed=1).target_counts()
    targets = {split: read_targets(sequences, split) for split in HELD_OUT}
    for name, found in figures.items():
        scores = read_scores(Path("scores", name), targets, stage="baselines")
        for split in HELD_OUT:
            assert found[f"{split}_perplexity"] == perplexity(scores[split], targets[split])
            assert f"{split}_accuracy" in found
        assert found["train_tokens"] == 12
    for split, of in targets.items():
        by_train = pytest.approx(unigram_perplexity(counts, of), rel=1e-6)
        assert figures["unigram"][f"{split}_perplexity"] == by_train
