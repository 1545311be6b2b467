"""`wikilm pack`, and the option --vectors of the commands that ask vectors."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pipeline.records.vectors import PackedHeader
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from pipeline.vectors.scaling import quantised
from tests.commands.conftest import Ask, Refused
from tests.conftest import change_params
from tests.picture import PICTURE
from tests.training.test_resume import Code
from wikilm import packed
from wikilm.packed import HEADER, VECTORS, WORDS_TXT, Packed, read_packed, write_packed

TEXT = ("--source", "Twelve articles", "--licence", "CC BY-SA 4.0")
ABOUT = {"name": "drawn", "source": "A picture", "licence": "CC0", "vectors": "input", "scale": "raw"}
DRAWN = Packed(PackedHeader.model_validate(ABOUT), list(PICTURE), quantised(np.array(list(PICTURE.values()))))


@pytest.fixture
def shipped(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Vectors that come with wikilm, asked from a folder without a run."""
    monkeypatch.setattr(packed, "SHIPPED", in_tmp / "vectors")
    write_packed(in_tmp / "vectors/drawn.npz", DRAWN)
    return in_tmp / "vectors/drawn.npz"


def test_a_packed_model_says_how_it_was_trained_and_answers_as_the_model_does(
    run: Path, tmp_path: Path, ask: Ask
) -> None:
    file = tmp_path / "small.npz"
    assert ask("pack", "svd", str(file), *TEXT)[0].startswith(f"{file}  20 vectors of 8 values, ")
    found, words, vectors = read_packed(file)
    header = found.model_dump()
    parameters, figures = header.pop("parameters"), read_json(Path("data/metrics/analogies/svd.json"))
    assert parameters["models"] == {"svd": read_json(Path("data/models/svd/model.json"))["settings"]}
    assert parameters["vocabulary"] == {"kind": "words", "size": 22}
    assert header.pop("packed")["asked"] == figures["asked"]
    assert header == {
        **{"name": "small", "source": "Twelve articles", "licence": "CC BY-SA 4.0"},
        **{"command": "dvc repro analogies@svd", "seed": 1, "vectors": "output", "scale": "centred"},
        "cpu_seconds": read_json(Path("data/timings/train/svd.json"))["cpu_seconds"],
        "figures": figures,
    }
    assert words == Path("data/embeddings/svd/vocabulary.txt").read_text(encoding="utf-8").split()
    np.testing.assert_array_equal(vectors, quantised(np.load("data/embeddings/svd/vectors.npy")))
    answers = (ask("neighbours", "king", *of, "--json")[0] for of in (("--model", "svd"), ("--vectors", str(file))))
    exact, rounded = ({each["word"]: each["cosine"] for each in json.loads(answer)["words"]} for answer in answers)
    assert rounded == pytest.approx(exact, abs=0.02)
    with zipfile.ZipFile(file) as members:  # the same vectors give the same bytes at any time
        assert {member.date_time[0] for member in members.infolist()} == {1980}
    ask("pack", "svd", str(file), *TEXT, "--words", "5")  # the most frequent ones
    assert read_packed(file).words == words[:5]


def test_shipped_vectors_answer_without_a_run(shipped: Path, ask: Ask, refused: Refused) -> None:
    Path("params.yaml").unlink()
    for question in ("neighbours king", "similarity king queen"):
        printed, note = ask(*question.split(), "--vectors", "drawn")
        assert printed
        assert note == "drawn, cosine\n"
    assert ask("analogy", "King", "man", "woman", "--vectors", "drawn", "--top", "1")[0].split()[0] == "queen"
    assert ask("evaluate", "drawn")[1] == "drawn, raw\n"
    assert refused("evaluate", "drawn", "--scale", "centred") == "drawn: is packed raw; leave out --scale"
    by_name = ask("neighbours", "king", "--vectors", "drawn")
    shipped.rename("vectors/other")
    assert ask("neighbours", "king", "--vectors", "vectors/other") == by_name
    write_packed(Path("here.npz"), DRAWN._replace(words=["new_york", *DRAWN.words[1:]]))
    for phrase in ("new_york", "New York"):
        assert json.loads(ask("neighbours", phrase, "--vectors", "here.npz", "--json")[0])["question"] == "new_york"


def test_packed_vectors_are_evaluated_as_they_were_when_packed(ask: Ask) -> None:
    found = json.loads(ask("evaluate", "enwiki-16m", "--json")[0])
    packed_total = read_packed(packed.find_packed("enwiki-16m")).header.model_dump()["packed"]["total"]
    assert found["scale"] == "centred"  # once, by `pack`
    assert found["accuracy"]["google"]["cosine"]["total"] == pytest.approx(packed_total, abs=1e-9)


def test_a_mistake_is_an_error_of_one_line(shipped: Path, refused: Refused) -> None:
    for options, problem in (
        ("king --vectors drown", "drown: no such vectors come with wikilm; it has drawn"),
        ("king --vectors a/b", "a/b: no such file; give the name of one that comes with wikilm, or"),
        ("king --vectors drawn --distance euclidean", "--distance euclidean needs the raw vectors of a run; "),
        ("quen --vectors drawn", "not among the 8 words of drawn: 'quen' (nearest in spelling: queen)"),
        ("king", "data/embeddings: holds no vectors; run `dvc repro`, or ask vectors that come with wikilm with --v"),
    ):
        assert refused("neighbours", *options.split()).startswith(problem)
    shipped.unlink()
    assert refused("neighbours", "king") == "data/embeddings: holds no vectors; run `dvc repro`"


def test_damage_anywhere_is_an_error_that_names_the_file(shipped: Path) -> None:
    whole, damaged, errors, intact = shipped.read_bytes(), Path("damaged.npz"), 0, 0
    flipped = [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(0, len(whole), 7)]
    contents = [*flipped, *(whole[:length] for length in range(0, len(whole), 29))]
    for content in contents:
        damaged.write_bytes(content)
        try:
            found = read_packed(damaged)
        except UserError as error:
            errors += str(error).startswith("damaged.npz: cannot be read (")
        else:  # the damage is to a time stamp and the like
            intact += 1
            assert (len(content), found.header.model_dump(), found.words) == (len(whole), ABOUT, list(PICTURE))
            np.testing.assert_array_equal(found.vectors, DRAWN.vectors)
    assert errors + intact == len(contents)
    assert errors > intact


def saved(vectors: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, vectors)
    return file.getvalue()


@pytest.mark.parametrize(
    ("member", "content", "problem"),
    [
        (
            VECTORS,
            saved(np.array([Code(Path("sprung"))] * 8, object)),
            f"{VECTORS}: is damaged (ValueError: it has objects",
        ),
        (VECTORS, saved(np.zeros((8, 4))), "ValueError: 8 words have vectors float64 (8, 4)"),
        (HEADER, b'{"name": "drawn", "source": "", "vectors": ""}', f"{HEADER}: lacks licence"),
        (WORDS_TXT, b"\xff", "UnicodeDecodeError"),
    ],
)
def test_a_file_of_other_contents_is_refused_and_nothing_is_unpickled(
    shipped: Path, member: str, content: bytes, problem: str, refused: Refused
) -> None:
    with zipfile.ZipFile(shipped) as right, zipfile.ZipFile("wrong.npz", "w") as wrong:
        for name in right.namelist():
            wrong.writestr(name, content if name == member else right.read(name))
    error = refused("neighbours", "king", "--vectors", "wrong.npz")
    assert error.startswith(f"wrong.npz: cannot be read ({problem}")
    assert error.endswith("); get it again, or write it with `wikilm pack`")
    assert not Path("sprung").exists()


def test_what_is_too_large_to_come_with_wikilm_is_not_written(tmp_path: Path) -> None:
    vectors = quantised(np.random.default_rng(0).normal(size=(10_000, 400)))
    with pytest.raises(UserError, match=r"large.npz: would have 3.\d MB; at most 3.0 MB can come with wikilm"):
        write_packed(
            tmp_path / "large.npz",
            DRAWN._replace(words=[f"w{number}" for number in range(10_000)], vectors=vectors),
        )
    assert not list(tmp_path.iterdir())


def test_a_model_that_was_made_with_other_settings_is_not_packed(copied: Path, refused: Refused) -> None:
    for settings, changed in (
        ({"models.svd.window": 3}, "models.svd: changed since it was trained"),
        ({"embeddings.vectors": "input"}, "embeddings: changed since svd was exported"),
    ):
        change_params(copied.parent / "params.yaml", settings)
        told = refused("pack", "svd", str(copied / "v.npz"), *TEXT, "--data", str(copied))
        assert told == f"params.yaml: {changed}; run `dvc repro analogies@svd`"
    assert not (copied / "v.npz").exists()


def test_a_language_model_on_words_is_not_packed_as_one_on_pieces(run: Path, refused: Refused) -> None:
    assert refused("pack", "gru", "x.zip", *TEXT) == (
        "params.yaml: vocabulary.kind is words: only a language model on pieces of words is packed as .zip; its "
        "vectors go into a file that ends in .npz"
    )


def test_any_file_of_vectors_is_evaluated_as_the_stage_does(
    run: Path, tmp_path: Path, ask: Ask, refused: Refused
) -> None:
    expected = read_json(Path("data/reports/analogies/svd.json"))
    for name in ("vectors.txt", "vectors.bin"):
        found = json.loads(ask("evaluate", f"data/embeddings/svd/{name}", "--scale", "raw", "--json")[0])
        assert found["accuracy"]["google"]["cosine"] == pytest.approx(expected["accuracy"]["cosine"])
        assert [row["value"] for row in found["suite"]] == [row["value"] for row in expected["suite"]]
    lines = ask("evaluate", "data/embeddings/svd/vectors.txt")[0].splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["set", "Google", "WordSim-353"]
    assert refused("evaluate", "nowhere").startswith("nowhere: no such vectors come with wikilm; ")
    (tmp_path / "v.txt").write_text("no vectors\n")
    assert refused("evaluate", str(tmp_path / "v.txt")).endswith("it must be word2vec text")
