"""The examples of docs/python.md."""

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conftest import ROOT
from tests.documents import blocks


def test_the_pages_examples_run(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, object] = {}
    for example in blocks(ROOT / "docs/python.md", "python"):
        if "wikilm.plot" in example:  # which tests/commands/test_plot.py draws
            continue
        exec(compile(example, "docs/python.md", "exec"), found)
    printed = capsys.readouterr().out
    read: Any = found
    (likeliest, chance), *_ = read["run"].language_model("gru").next_words("the")
    assert read["words"][read["logits"][2:-1].argmax() + 2] == likeliest
    assert torch.softmax(read["logits"], 0)[2:-1].max() == pytest.approx(chance, rel=0.02)  # products in bfloat16
    for expected in (
        "the king",
        "Berlin ist die Kapitale Deutschlands.",
        "(1, 'Page 0', 'the king rules the land')",
        "svd: is of kind svd, trained for its vectors alone",
        "<wikilm language model enwiki-40m: GRU with n-grams, 8,000 pieces>",
        "The       2.8 bits",
        "(6, 512) (8001,) ' the'",
        "('queen', 0.5",
    ):
        assert expected in printed
