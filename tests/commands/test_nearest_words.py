"""`wikilm analogy` and `wikilm neighbours`."""

import json
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


def test_neighbours_by_both_distances_are_those_worked_out_by_hand(picture: Path, ask: Ask) -> None:
    vectors, man = {word: np.array(vector, float) for word, vector in PICTURE.items()}, np.array(PICTURE["man"], float)
    cosines = {word: own @ man / np.linalg.norm(own) / np.linalg.norm(man) for word, own in vectors.items()}
    distances = {word: np.linalg.norm(own - man) for word, own in vectors.items()}
    for name, key, far, sign in (("cosine", "cosine", cosines, -1), ("euclidean", "distance", distances, 1)):
        found = json.loads(ask("neighbours", "man", "--distance", name, "--top", "99", "--json")[0])["words"]
        # Of equals the more frequent is first.
        others = sorted((word for word in PICTURE if word != "man"), key=lambda word: sign * far[word])
        assert [each["word"] for each in found] == others
        assert [each[key] for each in found] == pytest.approx([far[word] for word in others], abs=1e-6)


def test_the_stage_analogies_finds_the_same_answers_and_neighbours(run: Path, ask: Ask) -> None:
    for name in ("gru", "svd"):
        report = read_json(Path(f"data/reports/analogies/{name}.json"))
        (shown,) = report["files"][0]["shown"]
        word, neighbours = next(iter(report["neighbours"].items()))
        asked = {distance: ("analogy king man woman", shown[distance]) for distance in DISTANCES}
        for distance, (question, expected) in [*asked.items(), ("cosine", (f"neighbours {word}", neighbours))]:
            options = ("--model", name, "--distance", distance, "--top", str(len(expected)), "--json")
            found = json.loads(ask(*question.split(), *options)[0])
            assert [each["word"] for each in found["words"]] == [word for word, _ in expected]
            values = [each.get("cosine", each.get("distance")) for each in found["words"]]
            assert values == pytest.approx([value for _, value in expected])
            assert (found["model"], found["scale"]) == (name, {"cosine": "centred", "euclidean": "raw"}[distance])


def test_the_model_that_is_best_on_the_development_half_answers_and_is_named(picture: Path, ask: Ask) -> None:
    def told(*arguments: str) -> str:
        return ask("neighbours", "king", *arguments)[1].strip()

    def write_figures(name: str, **figures: float) -> None:
        known = {"asked": 8, "asked_test": 4, "cosine_total": 0.3, "development_total": 0.25, "test_total": 0.5}
        write_json(Path(f"data/metrics/analogies/{name}.json"), known | figures)

    write_embeddings(Path("data/embeddings"), "x", read_embeddings(picture))  # a folder that is no model's
    second = Path("data/embeddings/svd")
    second.mkdir()
    write_embeddings(second, "svd", read_embeddings(picture))
    assert told().endswith("(the first of 2 in params.yaml; not compared)")
    write_figures("gru")
    write_figures("svd", development_total=0.2, test_total=0.9, cosine_total=0.5)
    best = "best of 2 on the development half of Google's questions"
    assert told() == f"king; gru: cosine of raw input vectors ({best}; 50.0% of the other half right)"
    assert told("--distance", "euclidean").startswith("king; gru: Euclidean distance of raw input vectors (best of 2 ")
    assert told("--model", "svd") == "king; svd: cosine of raw input vectors"
    write_figures("gru", asked_test=0, test_total=0.0)
    assert told().endswith(f"({best}; none of the other half can be asked)")
    for name in ("gru", "svd"):  # another language: none of Google's words is known, and 0.0% means nothing
        write_figures(name, asked=0, development_total=0.0)
    assert told().endswith("(the first of 2 in params.yaml; not compared)")


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


def test_unknown_words_and_missing_vectors_are_errors(picture: Path, refused: Refused) -> None:
    assert refused("analogy", "kin", "king", "xylophone") == (
        "not among the 8 words of gru: 'kin' (nearest in spelling: king); 'xylophone' (no word has a similar spelling)"
    )
    (picture / "input.npy").unlink()
    told = refused("neighbours", "king", "--distance", "euclidean")
    assert told == "data/embeddings/gru/input.npy: not found; run `dvc repro embeddings@gru`"
    write_embeddings(picture, "gru", read_embeddings(picture)._replace(words=["king"], vectors=np.ones((1, 2))))
    for question in ("neighbours king", "analogy king king king", "similarity king king"):
        assert refused(*question.split()).endswith(": gru has no other words")


def test_another_run_is_read_by_its_own_settings(
    picture: Path, ask: Ask, refused: Refused, monkeypatch: pytest.MonkeyPatch, set_params: SetParams
) -> None:
    there = Path("other run")
    there.mkdir()
    set_params({"models": {"gru": {}, "lstm": {}}})
    for name in ("data", "params.yaml"):
        Path(name).rename(there / name)
    told = refused("neighbours", "king", "--data", "other run/data", "--model", "x")
    assert told.endswith("models has no 'x'; it has gru, lstm")
    assert refused("neighbours", "king", "--data", "other run").startswith("params.yaml: not found; run this from ")
    monkeypatch.chdir(there / "data")
    assert ask("neighbours", "king", "--data", ".")[0]
    Path("../params.yaml").unlink()
    assert refused("neighbours", "king", "--data", ".") == (
        "../params.yaml: not found; a run is a folder next to a params.yaml"
    )
