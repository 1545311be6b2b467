"""`wikilm analogy`, `wikilm neighbours` and `wikilm similarity`."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.run.outputs import read_json, write_json
from pipeline.store.building import build
from pipeline.store.vocabularies import Words
from pipeline.vectors.exported import read_embeddings, write_embeddings
from tests.commands.conftest import Ask, Refused
from tests.conftest import SetParams
from tests.picture import PICTURE
from wikilm.commands.similarity import DRAWN_PAIRS, random_cosines

VECTORS = {word: np.array(vector, float) for word, vector in PICTURE.items()}
UNIT = {word: vector / np.linalg.norm(vector) for word, vector in VECTORS.items()}


def test_king_man_woman_is_king_minus_man_plus_woman(picture: Path, ask: Ask) -> None:
    printed, note = ask("analogy", "King", "-", "MAN", "+", "woman", "--distance", "euclidean", "--top", "1")
    assert printed == "queen  0.000\n"  # exactly there, and in any case of letters
    assert note == "gru, the first of 1 (not compared), Euclidean distance\n"
    assert ask("analogy", "King - MAN + woman", "--distance", "euclidean", "--top", "1") == (printed, note)
    wanted = UNIT["king"] - UNIT["man"] + UNIT["woman"]
    cosine = UNIT["queen"] @ wanted / np.linalg.norm(wanted)
    assert json.loads(ask("analogy", "king", "man", "woman", "--top", "1", "--json")[0]) == {
        **{"model": "gru", "distance": "cosine", "vectors": "input", "scale": "raw"},
        **{"question": "king - man + woman", "words": [{"word": "queen", "cosine": pytest.approx(cosine)}]},
    }


@pytest.mark.parametrize("word", ["man", "land"])  # of length 1, and of another
def test_neighbours_by_both_distances_are_those_worked_out_by_hand(picture: Path, ask: Ask, word: str) -> None:
    cosines = {other: own @ UNIT[word] for other, own in UNIT.items()}
    distances = {other: np.linalg.norm(own - VECTORS[word]) for other, own in VECTORS.items()}
    for name, key, far, sign in (("cosine", "cosine", cosines, -1), ("euclidean", "distance", distances, 1)):
        found = json.loads(ask("neighbours", word, "--distance", name, "--top", "99", "--json")[0])["words"]
        # Of equals the more frequent is first.
        others = sorted((other for other in PICTURE if other != word), key=lambda other: sign * far[other])
        assert [each["word"] for each in found] == others
        assert [each[key] for each in found] == pytest.approx([far[other] for other in others], abs=1e-6)


def test_the_stage_analogies_finds_the_same_answers(run: Path, ask: Ask) -> None:
    for name in ("gru", "svd"):
        (shown,) = read_json(Path(f"data/reports/analogies/{name}.json"))["files"][0]["shown"]
        for distance, scale in (("cosine", "centred"), ("euclidean", "raw")):
            options = ("--model", name, "--distance", distance, "--top", str(len(shown[distance])), "--json")
            found = json.loads(ask("analogy", "king", "man", "woman", *options)[0])
            assert [each["word"] for each in found["words"]] == [word for word, _ in shown[distance]]
            values = [each.get("cosine", each.get("distance")) for each in found["words"]]
            assert values == pytest.approx([value for _, value in shown[distance]])
            assert (found["model"], found["scale"]) == (name, scale)


def test_the_model_that_is_best_on_the_development_half_answers_and_is_named(
    picture: Path, ask: Ask, refused: Refused
) -> None:
    def told(*arguments: str) -> str:
        return ask("neighbours", "king", *arguments)[1].strip()

    def write_figures(name: str, **figures: float) -> None:
        known = {"asked": 8, "asked_test": 4, "cosine_total": 0.3, "development_total": 0.25, "test_total": 0.5}
        write_json(Path(f"data/metrics/analogies/{name}.json"), known | figures)

    write_embeddings(Path("data/embeddings"), read_embeddings(picture))  # a folder that is no model's
    second = Path("data/embeddings/svd")
    second.mkdir()
    write_embeddings(second, read_embeddings(picture))
    write_figures("gru")
    write_figures("svd", development_total=0.2, test_total=0.9, cosine_total=0.5)
    assert told() == "gru, the best of 2 (50.0% of analogies), cosine"
    assert told("--model", "svd") == "svd, cosine"
    write_figures("gru", asked_test=0, test_total=0.0)
    assert told() == "gru, the best of 2, cosine"
    for name in ("gru", "svd"):  # another language: none of Google's words is known, and 0.0% means nothing
        write_figures(name, asked=0, development_total=0.0)
    assert told() == "svd, the first of 2 (not compared), cosine"
    build(Path("data/sequences.db"), [], Words.of([("other", 1)], rows=1, unknown=1), 1.0)
    stale = "its vectors are of another text than sequences.db: run `dvc repro embeddings@svd`"
    assert told().endswith(f"; {stale}")
    assert refused("neighbours", "kin").endswith(f"; {stale}")
    assert refused("pack", "svd", "svd.npz", "--source", "a text", "--licence", "CC BY-SA") == f"svd: {stale}"
    assert {model["analogies_right"] for model in json.loads(ask("models", "--json")[0])} == {None}
    assert ask("neighbours", "king", "man", "--top", "1")[0].splitlines()[::2] == ["king:", "man:"]


def test_unknown_words_and_missing_vectors_are_errors(picture: Path, refused: Refused) -> None:
    assert refused("analogy", "kin", "king", "xylophone") == (
        "not among the 8 words of gru: 'kin' (nearest in spelling: king); 'xylophone' (no word has a similar spelling)"
    )
    assert refused("analogy", "king", "+", "man", "-", "woman").startswith("king + man - woman: is not A B C or ")
    assert refused("analogy", "king", "man") == "king man: is not A B C or A - B + C, such as king - man + woman"
    one = np.ones((1, 2))
    write_embeddings(picture, read_embeddings(picture)._replace(words=["king"], vectors=one, matrices={"input": one}))
    for question in ("neighbours king", "analogy king king king", "similarity king king"):
        assert refused(*question.split()).endswith(": gru has no other words")
    (picture / "input.npy").unlink()
    told = refused("neighbours", "king", "--distance", "euclidean")
    assert told == "data/embeddings/gru/input.npy: not found; run `dvc repro`, which makes it again"


def test_a_run_of_few_english_words_points_to_the_vectors_that_come_with_wikilm(
    run: Path, ask: Ask, refused: Refused
) -> None:
    told = "; with 20 words it answers little; --vectors enwiki-16m knows more"
    question = "analogy", "man", "king", "woman", "--model", "svd"
    assert ask(*question)[1] == f"svd, cosine{told}\n"
    assert refused("neighbours", "paris", "--model", "svd").endswith(told)
    articles = Path("data/articles.json")
    write_json(articles, read_json(articles) | {"language": "lv"})
    assert ask(*question)[1] == "svd, cosine\n"


def test_another_run_is_read_by_its_own_settings(
    picture: Path, ask: Ask, refused: Refused, monkeypatch: pytest.MonkeyPatch, set_params: SetParams
) -> None:
    set_params({"models": {"gru": {}, "lstm": {}}})
    there = Path("other run")
    there.mkdir()
    for name in ("data", "params.yaml"):
        Path(name).rename(there / name)
    told = refused("neighbours", "king", "--data", "other run/data", "--model", "x")
    assert told.endswith("models has no 'x'; it has gru, lstm")
    assert refused("neighbours", "king", "--data", "other run").startswith("params.yaml: not found; run this from ")
    monkeypatch.chdir(there / "data")
    assert ask("neighbours", "king", "--data", ".")[0]
    Path("../params.yaml").unlink()
    told = refused("neighbours", "king", "--data", ".")
    assert told == ".: is not the folder of a run: there is no ../params.yaml"


def test_similarity_is_the_cosine_and_its_place_among_random_pairs(picture: Path, ask: Ask) -> None:
    found, cosine = json.loads(ask("similarity", "King", "queen", "--json")[0]), UNIT["king"] @ UNIT["queen"]
    assert (found["question"], found["random_pairs"]) == ("king, queen", DRAWN_PAIRS)
    assert found["cosine"] == pytest.approx(cosine)
    # Of all pairs of different words, each is drawn as often as any other.
    lower = [UNIT[one] @ UNIT[other] < cosine - 1e-6 for one in UNIT for other in UNIT if one != other]
    assert found["below"] == pytest.approx(DRAWN_PAIRS * np.mean(lower), abs=4 * np.sqrt(DRAWN_PAIRS))
    printed, _ = ask("similarity", "queen", "king")
    assert printed == f"{found['cosine']:.3f}  higher than {found['below']:,} of 10,000 random pairs\n"
    assert not random_cosines(np.eye(2)).any()  # only a word's cosine with itself is not 0
