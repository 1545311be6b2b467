"""`wikilm pack`, and the option --vectors of the commands that ask vectors."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from pipeline.vectors.scaling import quantised
from tests.commands.conftest import Ask, Refused
from tests.conftest import change_params
from tests.picture import PICTURE
from wikilm import packed
from wikilm.packed import HEADER, VECTORS, WORDS, Packed, read_packed, write_packed

TEXT = ("--source", "Twelve articles", "--licence", "CC BY-SA 4.0")
ABOUT = {"name": "drawn", "source": "A picture", "licence": "CC0", "vectors": "input", "scale": "raw"}
DRAWN = Packed(ABOUT, list(PICTURE), quantised(np.array(list(PICTURE.values()))))
GUESSED = "guessed from their spelling: frenchman\n"
QUESTIONS = ("analogy king man woman", "neighbours king", "similarity king queen", "odd king queen woman land")


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Vectors that come with wikilm, asked from an empty folder."""
    monkeypatch.setattr(packed, "SHIPPED", tmp_path / "vectors")
    write_packed(tmp_path / "vectors/drawn.npz", DRAWN)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    return tmp_path / "vectors/drawn.npz"


def test_a_packed_model_says_how_it_was_trained_and_answers_as_the_model_does(
    run: Path, tmp_path: Path, ask: Ask
) -> None:
    file = tmp_path / "small.npz"
    printed = ask("pack", "svd", str(file), *TEXT)[0].splitlines()
    assert printed[0].startswith(f"{file}")
    assert "20 vectors of 8 values" in printed[0]
    assert printed[1].startswith("analogies")
    header, words, vectors = read_packed(file)
    assert (header["name"], header["source"], header["licence"]) == ("small", "Twelve articles", "CC BY-SA 4.0")
    assert header["command"] == "dvc repro analogies@svd"
    assert (header["vectors"], header["scale"], header["seed"]) == ("output", "centred", 1)
    assert header["parameters"]["models"] == {"svd": read_json(Path("data/models/svd/model.json"))["settings"]}
    assert header["parameters"]["vocabulary"] == {"size": 22}
    assert header["cpu_seconds"] == read_json(Path("data/timings/train/svd.json"))["cpu_seconds"]
    assert header["figures"] == read_json(Path("data/metrics/analogies/svd.json"))
    assert header["packed"]["asked"] == header["figures"]["asked"]
    assert words == Path("data/embeddings/svd/vocabulary.txt").read_text(encoding="utf-8").split()
    np.testing.assert_array_equal(vectors, quantised(np.load("data/embeddings/svd/vectors.npy")))
    twenty = ("--top", "20", "--json")
    for question in QUESTIONS[:2]:
        exact, rounded = (
            {each["word"]: each["cosine"] for each in json.loads(ask(*question.split(), *options)[0])["words"]}
            for options in (("--model", "svd", *twenty), ("--vectors", str(file), *twenty))
        )
        assert rounded == pytest.approx(exact, abs=0.02)
    first = file.read_bytes()
    ask("pack", "svd", str(file), *TEXT)
    assert file.read_bytes() == first
    ask("pack", "svd", str(file), *TEXT, "--words", "5")  # the most frequent ones
    assert read_packed(file).words == words[:5]


def test_shipped_vectors_answer_in_an_empty_folder(shipped: Path, ask: Ask) -> None:
    for question in QUESTIONS:
        printed, note = ask(*question.split(), "--vectors", "drawn")
        assert printed
        assert note.endswith("; drawn: cosine of raw input vectors, in 8 bits; A picture (CC0)\n")
    assert ask("analogy", "King", "man", "woman", "--vectors", "drawn", "--top", "1")[0].split()[0] == "queen"
    assert json.loads(ask("neighbours", "king", "--vectors", "drawn", "--json")[0])["model"] == "drawn"
    assert ask("neighbours", "Frenchman", "--vectors", "drawn", "--guess")[1].endswith(GUESSED)
    by_name = ask("neighbours", "king", "--vectors", "drawn")
    (Path("elsewhere")).mkdir()
    shipped.rename("elsewhere/other")
    assert ask("neighbours", "king", "--vectors", "elsewhere/other") == by_name
    Path("elsewhere/other").rename("here.npz")
    assert ask("neighbours", "king", "--vectors", "here.npz") == by_name
    write_packed(Path("here.npz"), DRAWN._replace(words=["new_york", *DRAWN.words[1:]]))
    for phrase in ("new_york", "New York"):
        assert json.loads(ask("neighbours", phrase, "--vectors", "here.npz", "--json")[0])["question"] == "new_york"


def test_the_vectors_that_come_with_wikilm_know_the_book_s_question(in_tmp: Path, ask: Ask) -> None:
    answer, chosen = ask("analogy", "king", "man", "woman", "--vectors", "enwiki-16m")
    assert answer.startswith("queen ")
    assert "CC BY-SA 4.0" in chosen


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("king --vectors drown", "drown: no such vectors come with wikilm; it has drawn"),
        (
            "king --vectors a/b",
            "a/b: no such file; give the name of vectors that come with wikilm, or",
        ),
        ("king --vectors drawn --distance euclidean", "--distance euclidean needs the raw vectors of a run; "),
        ("quen --vectors drawn", "not among the 8 words of drawn: 'quen' (nearest in spelling: queen)"),
    ],
)
def test_a_mistake_is_an_error_of_one_line(refused: Refused, options: str, problem: str) -> None:
    assert refused("neighbours", *options.split()).startswith(problem)


def test_without_a_trained_model_an_error_names_shipped_vectors(
    in_tmp: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "SHIPPED", in_tmp / "vectors")
    assert refused("neighbours", "king") == "data/embeddings: holds no vectors; run `dvc repro`"
    assert refused("neighbours", "king", "--vectors", "a").endswith("no such vectors come with wikilm; it has none")
    for name in ("b", "a"):
        write_packed(in_tmp / f"vectors/{name}.npz", DRAWN)
    assert refused("neighbours", "king") == (
        "data/embeddings: holds no vectors; run `dvc repro`, or ask vectors that come with wikilm "
        "with --vectors NAME: a, b"
    )


def outcome(path: Path) -> Packed | str:
    """What a file holds, or the error that it causes."""
    try:
        return read_packed(path)
    except UserError as error:
        return str(error)


def test_damage_anywhere_is_an_error_that_names_the_file(shipped: Path, tmp_path: Path) -> None:
    whole, damaged = shipped.read_bytes(), tmp_path / "damaged.npz"
    errors = []
    for place in range(0, len(whole), 3):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        found = outcome(damaged)
        if isinstance(found, str):
            errors.append(found)
        else:  # the damage is to a time stamp and the like
            assert (found.header, found.words) == (ABOUT, list(PICTURE))
            np.testing.assert_array_equal(found.vectors, DRAWN.vectors)
    assert len(errors) > len(whole) / 6
    for length in range(0, len(whole), 29):
        damaged.write_bytes(whole[:length])
        errors.append(str(outcome(damaged)))
    assert all(error.startswith(f"{damaged}: cannot be read (") and "\n" not in error for error in errors)


class Trap:
    """Creates a file where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (Path("sprung"),)


def saved(vectors: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, vectors)
    return file.getvalue()


@pytest.mark.usefixtures("in_tmp")
@pytest.mark.parametrize(
    ("member", "content", "problem"),
    [
        (VECTORS, saved(np.array([Trap()] * 8, object)), "ValueError: Object arrays cannot be loaded"),
        (VECTORS, saved(np.zeros((8, 4))), "ValueError: 8 words have vectors float64 (8, 4)"),
        (VECTORS, saved(np.zeros((7, 4), np.int8)), "ValueError: 8 words have vectors int8 (7, 4)"),
        (HEADER, b'{"name": "drawn", "source": "", "vectors": ""}', f"ValueError: {HEADER} lacks licence, scale"),
        (HEADER, b"[]", "AttributeError"),
        (WORDS, b"\xff", "UnicodeDecodeError"),
    ],
)
def test_a_file_of_other_contents_is_refused_and_nothing_is_unpickled(
    member: str, content: bytes, problem: str, refused: Refused
) -> None:
    write_packed(Path("right.npz"), DRAWN)
    with zipfile.ZipFile("right.npz") as right, zipfile.ZipFile("wrong.npz", "w") as wrong:
        for name in right.namelist():
            wrong.writestr(name, content if name == member else right.read(name))
    error = refused("neighbours", "king", "--vectors", "wrong.npz")
    assert error.startswith(f"wrong.npz: cannot be read ({problem}")
    assert error.endswith("); get it again, or write it with `wikilm pack`")
    assert not Path("sprung").exists()


def test_much_more_than_ten_thousand_words_are_refused(tmp_path: Path) -> None:
    vectors = quantised(np.random.default_rng(0).normal(size=(10_000, 400)))
    with pytest.raises(UserError, match=r"large.npz: would have 3.\d MB; at most 3.0 MB can come with wikilm"):
        write_packed(tmp_path / "large.npz", Packed(ABOUT, [f"w{number}" for number in range(10_000)], vectors))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("gru v.npy", "v.npy: a file of vectors must end in .npz"),
        ("gru v.npz --words 0", "--words is 0; it must be at least 1"),
        ("lstm v.npz", "data/embeddings/lstm/vectors.npy: not found; run `dvc repro embeddings@lstm`"),
        ("grue v.npz", "params.yaml: models has no 'grue'"),
    ],
)
def test_what_cannot_be_packed(run: Path, refused: Refused, arguments: str, problem: str) -> None:
    assert refused("pack", *arguments.split(), *TEXT).startswith(problem)


def test_a_model_that_was_made_with_other_settings_is_not_packed(
    copied: Path, refused: Refused, tmp_path: Path
) -> None:
    def told() -> str:
        return refused("pack", "svd", str(tmp_path / "v.npz"), *TEXT, "--data", str(copied))

    again = "run `dvc repro analogies@svd`"
    change_params(copied.parent / "params.yaml", {"models.svd.window": 3})
    assert told() == f"params.yaml: models.svd: changed since it was trained; {again}"
    for changes in ({"embeddings.scale": "raw"}, {"embeddings.scale": "centred", "embeddings.vectors": "input"}):
        change_params(copied.parent / "params.yaml", changes)
        assert told() == f"params.yaml: embeddings: changed since svd was exported; {again}"
    assert not (tmp_path / "v.npz").exists()
