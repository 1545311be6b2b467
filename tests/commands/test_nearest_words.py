"""`wikilm analogy` and `wikilm neighbours`."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.run.outputs import read_json, write_json
from pipeline.vectors.exported import read_embeddings, write_embeddings
from tests.commands.conftest import Ask, Refused
from tests.conftest import SetParams
from tests.picture import PICTURE
from wikilm.commands.word_vectors import DISTANCES


def test_king_man_woman_is_king_minus_man_plus_woman(picture: Path, ask: Ask) -> None:
    for distance in DISTANCES:
        printed, note = ask("analogy", "king", "man", "woman", "--distance", distance, "--top", "2")
        (first, _) = printed.splitlines()
        assert first.split()[0] == "queen"
        assert note.startswith("king - man + woman; gru: ")
    printed, _ = ask("analogy", "King", "MAN", "woman", "--distance", "euclidean", "--top", "1")
    assert printed == "queen  0.000\n"  # exactly there, and in any case of letters


def test_neighbours_by_both_distances_are_those_worked_out_by_hand(picture: Path, ask: Ask) -> None:
    vectors = {word: np.array(vector, float) for word, vector in PICTURE.items()}
    man = vectors["man"]

    def cosine(word: str) -> float:
        return float(vectors[word] @ man / np.linalg.norm(vectors[word]) / np.linalg.norm(man))

    def euclidean(word: str) -> float:
        return float(np.linalg.norm(vectors[word] - man))

    measures: tuple[tuple[str, str, Callable[[str], float], int], ...] = (
        ("cosine", "cosine", cosine, -1),  # the greatest first
        ("euclidean", "distance", euclidean, 1),
    )
    for name, key, far, sign in measures:
        found = json.loads(ask("neighbours", "man", "--distance", name, "--top", "99", "--json")[0])
        others = sorted(
            (word for word in PICTURE if word != "man"), key=lambda word: sign * far(word)
        )  # of equals the more frequent first
        assert [each["word"] for each in found["words"]] == others
        assert [each[key] for each in found["words"]] == pytest.approx([far(w) for w in others], abs=1e-6)


def test_the_stage_analogies_finds_the_same_answers(run: Path, ask: Ask) -> None:
    for name in ("gru", "svd"):
        (spelled,) = read_json(Path(f"data/reports/analogies/{name}.json"))["files"][0]["spelled"]
        for distance, kind in (("cosine", "cosine"), ("euclidean", "euclidean_raw")):
            options = ("--model", name, "--distance", distance, "--top", "5", "--json")
            found = json.loads(ask("analogy", "king", "man", "woman", *options)[0])
            assert [each["word"] for each in found["words"]] == [word for word, _ in spelled[kind]]
            values = [each.get("cosine", each.get("distance")) for each in found["words"]]
            assert values == pytest.approx([value for _, value in spelled[kind]])
            assert found["model"] == name
            assert found["scale"] == ("raw" if distance == "euclidean" else "spelled")


def test_the_report_lists_the_same_neighbours(run: Path, ask: Ask) -> None:
    word, expected = next(iter(read_json(Path("data/reports/analogies/svd.json"))["neighbours"].items()))
    found = json.loads(ask("neighbours", word, "--model", "svd", "--json")[0])
    assert [each["word"] for each in found["words"]] == [word for word, _ in expected]
    assert [each["cosine"] for each in found["words"]] == pytest.approx([cosine for _, cosine in expected])


FIGURES = {
    "asked": 8,
    "asked_test": 4,
    "cosine_total": 0.3,
    "development_total": 0.25,
    "test_total": 0.5,
}


def test_the_model_that_is_best_on_the_development_half_answers_and_is_named(picture: Path, ask: Ask) -> None:
    write_embeddings(Path("data/embeddings"), "x", read_embeddings(picture))  # a folder that is no model's
    second = Path("data/embeddings/svd")
    second.mkdir()
    write_embeddings(second, "svd", read_embeddings(picture))
    assert ask("neighbours", "king")[1].strip().endswith("(the first of 2 in params.yaml; not compared)")
    other = {"development_total": 0.2, "test_total": 0.9, "cosine_total": 0.5}
    write_json(Path("data/metrics/analogies/gru.json"), FIGURES)
    write_json(Path("data/metrics/analogies/svd.json"), FIGURES | other)
    best = "best of 2 on the development half of Google's questions"
    cosine = f"king; gru: cosine of raw input vectors ({best}; 50.0% of the other half right)\n"
    assert ask("neighbours", "king")[1] == cosine
    euclidean = f"king; gru: Euclidean distance of raw input vectors ({best}; 50.0% of the other half right)\n"
    assert ask("neighbours", "king", "--distance", "euclidean")[1] == euclidean
    assert ask("neighbours", "king", "--model", "svd")[1] == "king; svd: cosine of raw input vectors\n"
    write_json(Path("data/metrics/analogies/gru.json"), FIGURES | {"asked_test": 0, "test_total": 0.0})
    assert ask("neighbours", "king")[1].strip().endswith(f"({best}; none of the other half can be asked)")
    for name in ("gru", "svd"):  # another language: none of Google's words is known, and 0.0% means nothing
        write_json(Path(f"data/metrics/analogies/{name}.json"), FIGURES | {"asked": 0, "development_total": 0.0})
    assert ask("neighbours", "king")[1].strip().endswith("(the first of 2 in params.yaml; not compared)")


def test_with_json_nothing_is_printed_on_stderr(picture: Path, ask: Ask) -> None:
    printed, note = ask("analogy", "king", "man", "woman", "--top", "1", "--json")
    vectors = [np.array(PICTURE[word], float) for word in ("king", "man", "woman", "queen")]
    king, man, woman, queen = (vector / np.linalg.norm(vector) for vector in vectors)
    wanted = king - man + woman
    assert json.loads(printed) == {
        "model": "gru",
        "distance": "cosine",
        "vectors": "input",
        "scale": "raw",
        "question": "king - man + woman",
        "words": [{"word": "queen", "cosine": pytest.approx(queen @ wanted / np.linalg.norm(wanted))}],
    }
    assert note == ""


def test_analogies_restrict_holds_for_commands_too(
    picture: Path, set_params: SetParams, ask: Ask, refused: Refused
) -> None:
    set_params({"analogies.restrict": 4})
    assert len(ask("neighbours", "king")[0].splitlines()) == 3
    assert refused("neighbours", "girl").startswith("not among the 4 words of gru (analogies.restrict): 'girl'")


def test_an_unknown_word_is_an_error_that_suggests_known_ones(picture: Path, refused: Refused) -> None:
    assert refused("analogy", "kin", "king", "xylophone") == (
        "not among the 8 words of gru: 'kin' (nearest in spelling: king); 'xylophone' (no word has a similar spelling)"
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--top", "0"], "--top is 0; it must be a whole number from 1 to 10000"),
        (["--model", "grue"], "params.yaml: models has no 'grue'; it has gru, lstm, embedding, skipgram, "),
        (["--model", "lstm"], "data/embeddings/lstm/vectors.npy: not found; run `dvc repro embeddings@lstm`"),
        (["--data", "elsewhere"], "elsewhere: no such folder"),
    ],
)
def test_a_mistake_is_an_error_of_one_line(picture: Path, refused: Refused, arguments: list[str], problem: str) -> None:
    assert refused("neighbours", "king", *arguments).startswith(problem)


def test_a_distance_of_raw_vectors_that_are_missing_is_an_error(copied: Path, refused: Refused) -> None:
    raw = copied / "embeddings/gru" / f"{read_json(copied / 'embeddings/gru/vectors.json')['chosen']}.npy"
    raw.unlink()
    told = refused("neighbours", "king", "--model", "gru", "--distance", "euclidean", "--data", str(copied))
    assert told == f"{raw}: not found; run `dvc repro embeddings@gru`"


def test_a_vocabulary_without_another_word_is_an_error(picture: Path, set_params: SetParams, refused: Refused) -> None:
    set_params({"analogies.restrict": 1})
    word = next(iter(PICTURE))
    assert refused("neighbours", word) == f"{word}: gru has no other words"
    set_params({"analogies.restrict": 3})
    assert refused("analogy", *list(PICTURE)[:3]).endswith(": gru has no other words")


def test_another_run_is_read_by_its_own_settings(
    picture: Path, set_params: SetParams, ask: Ask, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Path("other run")
    there.mkdir()
    set_params({"analogies.restrict": 4})
    for name in ("data", "params.yaml"):
        Path(name).rename(there / name)
    assert len(ask("neighbours", "king", "--data", "other run/data")[0].splitlines()) == 3
    assert refused("neighbours", "king", "--data", "other run").startswith("params.yaml: not found; run this from ")
    monkeypatch.chdir(there / "data")
    assert ask("neighbours", "king", "--data", ".")[0]
    Path("../params.yaml").unlink()
    assert refused("neighbours", "king", "--data", ".") == (
        "../params.yaml: not found; a run is a folder next to a params.yaml"
    )
