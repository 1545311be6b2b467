"""`wikilm next`."""

import json
from pathlib import Path

from tests.commands.conftest import Ask, Refused
from tests.conftest import SetParams


def test_the_likeliest_words_are_listed_with_their_probabilities(run: Path, ask: Ask) -> None:
    printed, note = ask("next", "The king", "--top", "3")
    found = json.loads(ask("next", "the", "king", "--top", "3", "--json")[0])
    assert found["prompt"] == ["the", "king"]
    shown = [f"{each['word']} {each['probability']:.1%}" for each in found["words"]]
    assert [" ".join(line.split()) for line in printed.splitlines()] == shown
    assert note.startswith("gru (validation perplexity ")
    assert note.endswith(f"UNKNOWN {found['unknown']:.1%}, the sentence ends {found['end']:.1%}\n")
    assert len(json.loads(ask("next", "--json")[0])["words"]) == 10


def test_a_mistake_is_an_error_of_one_line(run: Path, refused: Refused) -> None:
    assert refused("next", "kings") == "not among the 20 words of gru: 'kings' (nearest in spelling: king)"
    assert refused("next", "the", "--top", "0") == "--top is 0; it must be a whole number from 1 to 10000"
    assert refused("next", "the", "--model", "svd").startswith("svd: is of kind svd")


def test_settings_without_a_language_model_are_told(set_params: SetParams, refused: Refused) -> None:
    set_params({"models": {"svd": {"kind": "svd"}}})  # as the preset embeddings has no language model
    told = "params.yaml: models has no language model; add one, such as `gru: {unit: gru}`, and run `dvc repro`"
    assert refused("next", "the") == refused("next", "the", "--model", "svd") == told
