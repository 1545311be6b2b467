"""N-gram models and mixtures answer as trained models do."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import wikilm
from pipeline.ngrams.text import training_text
from pipeline.records.figures import Perplexities
from pipeline.scores.figures import perplexity
from pipeline.scores.markov_scores import markov_models, score_by_markov
from pipeline.scores.targets import read_targets
from pipeline.settings.result_sections import NGRAM_MODELS
from tests.commands.conftest import Ask, Refused, held_out_text

WEIGHTS = {"gru": 0.6, "trigram_kneser_ney": 0.4}


def test_ngram_models_answer_by_their_probabilities(run: Path, ask: Ask, refused: Refused) -> None:
    opened = wikilm.open("data")
    sequences = opened.sequences
    targets = read_targets(sequences, "test")
    for name, model in markov_models(sequences, training_text(sequences)):
        own = opened.language_model(name)
        expected = perplexity(score_by_markov(model, sequences, "test"), targets)
        assert own.perplexity(held_out_text()) == pytest.approx(expected, rel=1e-5)
        ids = own.read("the king")[1]
        table, contexts = own.distribution("the king"), model.read(np.array([0, *ids, 1]))[1]
        np.testing.assert_allclose(table, model.distributions(contexts[-1:])[0], atol=1e-6)
        rows = own.surprisals("The king rules the land.").rows
        chances = [own.distribution(" ".join(["the", "king", "rules"][:n])) for n in range(3)]
        bits = [-math.log2(each[id]) for each, id in zip(chances, own.read("the king rules")[1], strict=True)]
        assert [row.surprisal for row in rows[:3]] == pytest.approx(bits, abs=1e-4)
        assert rows[0].entropy == pytest.approx(-sum(p * math.log2(p) for p in chances[0] if p), rel=1e-4)
        assert rows[0].gate == 1
        assert "gate" not in own.surprisals("The king.").table()[0]  # which says nothing
        sums = [
            -row.surprisal * math.log(2) for row in own.surprisals("The king rules.", whole=True).rows if row.surprisal
        ]
        assert own.scores(["The king rules."]) == pytest.approx([sum(sums)], abs=1e-4)
    assert {*NGRAM_MODELS} == {name for name, _ in markov_models(sequences, training_text(sequences))}
    assert (
        ask("generate", "the", "--seed", "1", "--model", name)[0]
        == ask("generate", "the", "--seed", "1", "--model", name)[0]
    )
    assert refused("score", "The king.", "--dynamic", "--model", name).startswith(f"{name}: only a network can learn")
    assert repr(opened.language_model(name)) == "<wikilm language model fivegram_kneser_ney: 5-grams, 22 words>"
    with pytest.raises(wikilm.Error, match="n-grams have no states"):
        opened.language_model(name).states("the king")


def test_a_mixture_averages_the_probabilities_of_its_models(run: Path, ask: Ask, refused: Refused) -> None:
    assert refused("next", "--model", "mixture").startswith("data/reports/perplexities.json: not found; run `dvc repro")
    Path("data/reports").mkdir(exist_ok=True)
    Perplexities(best="gru", rows={}, weights={"mixture": WEIGHTS}).write(Path("data/reports/perplexities.json"))
    opened = wikilm.open("data")
    mixture, parts = opened.language_model("mixture"), [opened.language_model(name) for name in WEIGHTS]
    both = [part.distribution("the king") for part in parts]
    np.testing.assert_allclose(mixture.distribution("the king"), 0.6 * both[0] + 0.4 * both[1])
    logs = [part.scores(["The king rules.", "A man works."]) for part in parts]
    assert logs[0] != pytest.approx(logs[1])
    text = held_out_text()
    scored = json.loads(ask("score", text, "--model", "mixture", "--json")[0])
    low, high = sorted(part.perplexity(text) for part in parts)
    assert scored["perplexity"] < high
    assert scored["perplexity"] < 0.6 * parts[0].perplexity(text) + 0.4 * parts[1].perplexity(text)
    assert low < high
    assert scored["accuracy"] is None
    assert "accuracy" not in ask("score", text, "--model", "mixture")[0]
    assert ask("next", "the", "--model", "mixture")[0].count("\n") > 3
    assert mixture.generate("the", seed=2) == mixture.generate("the", seed=2)
    assert refused("score", "The king.", "--words", "--model", "mixture") == (
        "mixture: is an average of gru, trigram_kneser_ney; ask one of them"
    )
    assert repr(mixture) == "<wikilm language model mixture: 0.60 gru + 0.40 trigram_kneser_ney>"
