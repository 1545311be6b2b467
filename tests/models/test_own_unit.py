"""A unit is one class: one of a test, no file of the house, is trained, packed, asked, and computed by the page."""

import json
import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from models.recurrent.units import Activation, Functions, Unit, Value, setting
from tests.browser import opened

WORDS = ("the", "king", "rules", "the", "sea", "and", "the", "queen", "rules", "the", "land")
BEGINNING = "the king rules the"
PACKED = ("own.npz", "--source", "A text of a test", "--licence", "CC0")


def learn(folder: Path) -> dict[str, Any]:
    """Define a unit; take it in this process from a text to the page of `folder`; return its record and its answers."""

    class Leaky(Unit, name="leaky", label="leaky unit", gates="candidate"):
        """A cell that leaks towards a candidate, each value at a rate that is learnt."""

        states = 2
        activation: Activation = setting("tanh", "activation of the hidden values")

        def shapes(self, inputs: int, size: int) -> dict[str, tuple[int, ...]]:
            return super().shapes(inputs, size) | {"rate": (size,)}

        def step(self, f: Functions, x: Value, h: Value, c: Value) -> tuple[Value, Value]:
            c = f.mix(c, f.sums(x, h), f.sigmoid(f.parameter("rate")))
            return f.act(self.activation, c), c

    from pipeline import analogies
    from pipeline.run.arrays import read_tensors
    from pipeline.run.outputs import read_json
    from tests.conftest import ROOT, change_params
    from tests.to_page import to_page
    from wikilm.__main__ import main

    os.chdir(folder)
    Path("params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    own: dict[str, Any] = {"unit": {"kind": "leaky", "activation": "relu"}, "hidden_sizes": [12, 8], "start": "random"}
    own |= {"batches": {"kind": "stream", "rows": 2}, "learning_rate": 0.03, "average_decay": 0.0, "epochs": 8}
    changes = {"vocabulary.size": 10, "index": {"valid_fraction": 0.2, "test_fraction": 0.2}, "models": {"own": own}}
    change_params(Path("params.yaml"), {**changes, "runtime.workers": 1})
    text = " ".join(WORDS).capitalize() + "."
    to_page([f"{text} {text}"] * 30, "own")
    questions = ["data/embeddings/own", str(ROOT / "questions"), "data/reports/analogies/own.json"]
    analogies.main(["own", *questions, "--metrics", "data/metrics/analogies/own.json"])
    main(["pack", "own", *PACKED])
    with redirect_stdout(StringIO()) as answer:
        main(["next", BEGINNING, "--json"])
    return {
        "figures": read_json(Path("data/metrics/train/own.json")),
        "unit": read_json(Path("data/models/own/model.json"))["settings"]["unit"],
        "rates": read_tensors(Path("data/models/own/weights.safetensors"))["recurrent.layers.0.rate"].tolist(),
        "next": {each["word"]: each["probability"] for each in json.loads(answer.getvalue())["words"]},
    }


def test_a_unit_of_a_test_is_trained_packed_asked_and_computed_by_the_page(tmp_path: Path) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as process:  # settings take the units of their process
        found = process.submit(learn, tmp_path).result()
    assert found["unit"] == {"kind": "leaky", "activation": "relu"}
    assert len(set(found["rates"])) == 12  # all were learnt
    assert found["figures"]["test_perplexity"] < 0.7 * found["figures"]["unigram_perplexity"]
    assert (tmp_path / PACKED[0]).is_file()
    with opened(tmp_path / "data/index.html") as (page, complaints, _):
        page.get_by_label("How a sentence begins").fill(BEGINNING)
        shown = dict(one.split() for one in page.locator("#guessed > div").first.locator("li").all_inner_texts())
        assert complaints == []
    for word, share in shown.items():
        assert float(share.rstrip("%")) == pytest.approx(100 * found["next"][word], abs=1)
    assert len(shown) == 5
