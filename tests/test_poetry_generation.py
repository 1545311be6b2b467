import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.batch import Batch
from pipeline import poems, poetry_generation
from pipeline.experiments.generation.poet import read_poet
from pipeline.experiments.verse.poems import Poem
from pipeline.ngrams.markov import kneser_ney
from pipeline.ngrams.ngram_counts import SortedText
from pipeline.ngrams.text import training_text
from pipeline.records.experiments import PoetReport
from pipeline.run.outputs import read_json, write_json
from pipeline.store.sequences import Sequences
from tests.conftest import ErrorOf, SetParams, change_params
from tests.page.conftest import render
from wikilm.__main__ import main

MODELS = {"gru": {"unit": "gru", "hidden_size": 6, "epochs": 2}, "book": {"unit": "elman", "dropout": 0, "epochs": 2}}
OUTPUTS = ["data/models/poetry", "data/reports/poetry_generation.json", "--metrics", "data/metrics/poetry_generation"]
VERSE = (
    "The wheel went round\nAnd round the weir\n\n\nThe weir went round\n\n\nA wheel, a weir\n\n\nThe round of it\n\n\n"
)


@pytest.fixture(autouse=True)
def small(set_params: SetParams, monkeypatch: pytest.MonkeyPatch) -> None:
    set_params({"poetry_generation.models": MODELS})
    monkeypatch.setattr(poetry_generation, "NOVELTY_LINES", 20)


def put(text: str) -> None:
    """A folder of a poet's verse, named in params.yaml."""
    Path("verse").mkdir()
    Path("verse/ann.txt").write_text(text, encoding="utf-8")
    change_params(Path("params.yaml"), {"poems.source": "verse"})


def run() -> dict[str, Any]:
    poems.main(["data/poems"])
    poetry_generation.main(["data/poems", *OUTPUTS])
    report: dict[str, Any] = read_json(Path(OUTPUTS[1]))
    return report


def test_each_poet_is_learnt_and_writes_and_the_page_shows_it(
    capsys: pytest.CaptureFixture[str], error_of: ErrorOf
) -> None:
    report = run()
    assert (report["writer"], list(report["poets"])) == ("gru", ["ada_fenn", "corvin_ash"])
    for poet, found in report["poets"].items():
        assert sum(found["poems"].values()) == 24
        for model in found["models"].values():
            assert len(model["curves"]["train"]) == len(model["curves"]["valid"]) == 2
            assert model["valid_perplexity"] == pytest.approx(min(model["curves"]["valid"]), rel=1e-6)
        least = min(own["valid_perplexity"] for own in found["baselines"].values())
        assert found["baselines"][found["best_baseline"]]["valid_perplexity"] == least
        assert list(map(len, found["stanzas"])) == [4] * 6
        files = sorted(path.name for path in Path("data/models/poetry", poet).iterdir())
        assert files == ["model.json", "sequences.db", "weights.safetensors"]
    metrics = {path.stem: read_json(path) for path in Path(OUTPUTS[-1]).iterdir()}
    assert set(metrics) == {
        f"{poet}-{name}" for poet, found in report["poets"].items() for name in (found["models"] | found["baselines"])
    }
    own = report["poets"]["ada_fenn"]["models"]["gru"]
    own, measured = own | own["written"], metrics["ada_fenn-gru"]
    assert measured == {name: own[name] for name in measured}
    assert set(measured) >= {"valid_perplexity", "test_perplexity", "ratio", "longest_run", "copied_lines"}
    assert set(metrics["ada_fenn-unigram"]) == {"valid_perplexity", "test_perplexity", "test_accuracy"}
    assert f"gru ({report['poets']['ada_fenn']['poems']['test']} test poems)" in capsys.readouterr().err
    for ends, coloured in (((0.8, 1.1), False), ((0.8, 0.9), True)):
        for found in report["poets"].values():
            for model in found["models"].values():
                model |= dict(zip(("ratio", "ratio_low", "ratio_high"), (0.85, *ends), strict=True))
        write_json(Path("data/reports/poetry_generation.json"), report)
        html = render()
        assert ('<td class="right">0.85<' in html) == coloured
    assert "<blockquote>" + "\n".join(report["poets"]["ada_fenn"]["stanzas"][0]) + "</blockquote>" in html
    assert "<strong>ada_fenn: perplexity by epoch.</strong>" in html
    capsys.readouterr()
    wikilm_poem_writes_by_a_seed(capsys, error_of)


def wikilm_poem_writes_by_a_seed(capsys: pytest.CaptureFixture[str], error_of: ErrorOf) -> None:
    main(["poem", "ada", "--lines", "6", "--seed", "5"])
    written = capsys.readouterr()
    assert written.err == "ada_fenn, seed 5\n"
    assert [len(stanza.splitlines()) for stanza in written.out.split("\n\n")] == [4, 2]
    main(["poem", "ada", "--lines", "6", "--seed", "5", "--json", "--top-k", "3"])
    found = json.loads(capsys.readouterr().out)
    expected = {"poet": "ada_fenn", "seed": 5, "temperature": 0.8, "top_k": 3, "top_p": 0.95}
    assert {key: found[key] for key in expected} == expected
    assert len(found["lines"]) == 6
    for _ in range(2):
        main(["poem", "ada", "--json"])
    seeds = capsys.readouterr().out.split('"seed": ')
    assert seeds[1].split(",")[0] != seeds[2].split(",")[0]
    assert error_of(main, ["poem", "--lines", "0"]).startswith("wikilm: error: --lines is 0; it must be")
    database = Path("data/models/poetry/ada_fenn/sequences.db")
    database.write_bytes(database.read_bytes()[:-1])
    error = error_of(main, ["poem", "ada"])
    assert error.startswith(f"wikilm: error: {database}: is damaged (")
    assert error.count("\n") == 1


def test_models_are_measured_on_the_same_targets_and_the_best_of_several_seeds_counts(
    set_params: SetParams,
) -> None:
    put(VERSE * 2 + "\n\n\n".join(f"The {word} went round" for word in "abcdefgh"))
    set_params({"poetry_generation.models": {"gru": MODELS["gru"]}})
    found = run()["poets"]["ann"]
    sequences = Sequences(Path("data/models/poetry/ann/sequences.db"))
    rows = [row.tolist() for row in sequences.rows(sequences.ids_and_lengths("test")[0].tolist())]
    assert found["test_targets"] == sum(len(row) + 1 for row in rows)  # every END is one
    model, loss, surprise = read_poet(Path("data/models/poetry/ann")).model.eval(), 0.0, 0.0
    trigrams = kneser_ney(SortedText(training_text(sequences), 3, len(sequences.vocabulary)), 3)
    for row in rows:
        surprise -= np.log(trigrams.predict(np.array([0, *row, 1]))[0][1:]).sum()
        batch = Batch(torch.tensor([[0, *row]]), torch.tensor([[*row, 1]]))
        with torch.no_grad():
            loss += float(model.output.loss(model.contexts(batch), batch.targets)) * (len(row) + 1)
    alone, trigram = found["models"]["gru"], found["baselines"]["trigram_kneser_ney"]
    assert alone["test_perplexity"] == pytest.approx(math.exp(loss / found["test_targets"]), rel=1e-5)
    assert trigram["test_perplexity"] == pytest.approx(math.exp(surprise / found["test_targets"]), rel=1e-6)
    set_params({"poetry_generation.seeds": 2})
    both = run()["poets"]["ann"]["models"]["gru"]
    assert (alone["seeds"], both["seeds"]) == (1, 2)
    other = 2 * both["valid_perplexity_mean"] - alone["valid_perplexity"]
    assert both["valid_perplexity"] == pytest.approx(min(other, alone["valid_perplexity"]))
    assert both["valid_perplexity_sd"] > 0


def test_a_stage_killed_at_its_second_poet_goes_on_with_the_first_and_ends_with_the_same_bytes(
    set_params: SetParams, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models, train_poet = Path(OUTPUTS[0]), poetry_generation.train_poet

    def contents() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in (Path(OUTPUTS[1]), *models.rglob("*.*"))}

    set_params({"runtime.checkpoint_seconds": 0.0, "poetry_generation.models": {"gru": MODELS["gru"]}})
    run()
    whole = contents()
    shutil.rmtree("data/models")

    def dies(own: list[Poem], *arguments: Any) -> PoetReport:
        if own[0].poet == "corvin_ash":
            raise KeyboardInterrupt
        return train_poet(own, *arguments)

    monkeypatch.setattr(poetry_generation, "train_poet", dies)
    with pytest.raises(SystemExit):
        run()
    assert not models.exists()
    monkeypatch.setattr(poetry_generation, "train_poet", train_poet)
    capsys.readouterr()
    run()
    assert capsys.readouterr().err.count("goes on at batch") == 1  # the first poet's model
    assert contents() == whole
    assert [path.name for path in models.parent.iterdir()] == ["poetry"]


def test_too_little_verse_is_one_line_and_leaves_nothing(error_of: ErrorOf) -> None:
    put(VERSE)
    (error,) = [line for line in error_of(run).splitlines() if "error" in line]
    assert error.startswith("poetry_generation: error: ann: ")
    assert "are too few to hold some out" in error
    assert not list(Path("data").glob("models/*"))
    assert not Path("data/reports").exists()
