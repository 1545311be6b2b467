"""`wikilm gates`."""

import json
from pathlib import Path

import pytest

from pipeline.run.outputs import read_json, write_json
from pipeline.store.sequences import Sequences
from tests.commands.conftest import SMALL, Ask, Refused


def test_gates_open_at_each_word_of_a_sentence(run: Path, ask: Ask) -> None:
    found = json.loads(ask("gates", "The king saw a xylophone.", "--json")[0])
    assert found["words"] == ["the", "king", "saw", "a", "xylophone"]
    assert found["unknown"][-1]
    assert not found["unknown"][0]
    layers = len(SMALL["models.gru.hidden_sizes"])
    assert [(row["layer"], row["gate"]) for row in found["gates"]] == [
        (layer, gate) for layer in range(1, layers + 1) for gate in ("reset", "update")
    ]
    for row in found["gates"]:
        assert len(row["openness"]) == 5
        assert all(0 < share < 1 for share in row["openness"])
    printed, note = ask("gates", "The king saw a xylophone.")
    header, *lines = printed.splitlines()
    assert header.split() == ["reset", "1", "update", "1", "reset", "2", "update", "2"]
    assert lines[1].split() == ["king", *(f"{row['openness'][1]:.2f}" for row in found["gates"])]
    assert lines[4].startswith("xylophone (UNKNOWN)  ")
    assert note.startswith("gru (validation perplexity ")


def test_training_keeps_the_gates_of_a_sentence_of_the_test_split(run: Path, ask: Ask) -> None:
    kept = read_json(Path("data/models/gru/gates.json"))
    sequences = Sequences(Path("data/sequences.db"))
    rows = [row.tolist() for row in sequences.rows(sequences.ids_and_lengths("test")[0].tolist())]
    assert kept["words"] in [[sequences.vocabulary.by_id[id] for id in row] for row in rows]
    again = json.loads(ask("gates", *kept["words"], "--json")[0])["gates"]
    for row, other in zip(kept["gates"], again, strict=True):
        assert row["openness"] == pytest.approx(other["openness"], rel=1e-5)


def test_a_sentence_without_words_is_an_error_of_one_line(run: Path, refused: Refused) -> None:
    assert "the sentence has no words" in refused("gates", "...")


def test_an_elman_unit_has_no_gates(copied: Path, refused: Refused) -> None:
    record = read_json(copied / "models/gru/model.json")
    record["settings"]["unit"] = {"kind": "elman"}
    write_json(copied / "models/gru/model.json", record)
    assert "gru: is of Elman units, which have no gates" in refused("gates", "the", "--data", str(copied))
