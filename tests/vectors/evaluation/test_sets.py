"""The folder of evaluation sets: the files that are found, and the stage's results."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import analogies
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from pipeline.settings.checked import checked_params
from pipeline.vectors.evaluation.choice import half_of
from pipeline.vectors.evaluation.sets import evaluation_sets
from pipeline.vectors.evaluation.wording import TRIVIAL
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.questions import Question
from pipeline.vectors.space import VectorSpace
from tests.conftest import ErrorOf, SetParams
from tests.page.conftest import ask, render, write_vectors

FILES = {
    "bats/1_Inflectional/I01 [noun - plural].txt": "".join(f"thing{i}\tthings{i}/pl{i}\n" for i in range(30))
    + "lone\n",
    "bats/3_Encyclopedic/E10 [male - female].txt": "king\tqueen\nman\twoman\nduke\tduchess\n",
    "similarity/Tiny-7.txt": "thing0 things0 9\nthing1 king 1\nthing2 things3 4\nman woman 7\nking duke\n",
    "similarity/sem.tsv": "king\tqueen\t3.5\nunknown word\tman\t1\n",
    "similarity/Part.txt": "things0 thing0 1\nking thing1 2\nthings3 thing2 3\n",
    "similarity/README.md": "not a set",
    "bats/1_Inflectional/._I01 [noun - plural].txt": "hidden",
    "bats/1_Inflectional/.ipynb_checkpoints/I01 [noun - plural]-checkpoint.txt": "hidden",
    "similarity/._Tiny-7.txt": "hidden",
}


@pytest.fixture
def folder(in_tmp: Path) -> Path:
    """A folder of sets in the working folder, written by hand."""
    for name, text in FILES.items():
        path = in_tmp / "sets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Path("sets")


def test_a_folder_adds_its_sets_to_what_gensim_ships_and_names_malformed_lines(folder: Path) -> None:
    shipped, sets = evaluation_sets(None), evaluation_sets(folder)
    assert ([each.name for each in shipped.similarity], shipped.bats) == (["WordSim-353", "SimLex-999"], [])
    assert len(sets.bats) == 30 * 29 + 3 * 2
    assert sets.bats[-1] == Question("3_Encyclopedic/E10 [male - female]", "duke", "duchess", "man", ("woman",))
    assert [each.name for each in sets.similarity] == ["WordSim-353", "SimLex-999", "Part", "Tiny-7", "sem"]
    assert {name: len(lines) for name, lines in sets.malformed.items()} == {"BATS": 1, "Tiny-7": 1}
    assert sets.malformed["Tiny-7"][0].startswith("sets/similarity/Tiny-7.txt, line 5: found 'king duke'")


@pytest.mark.parametrize(("name", "message"), [("nowhere", "no such folder"), (".", "holds no evaluation set")])
def test_a_folder_without_sets_is_an_error(set_params: SetParams, error_of: ErrorOf, name: str, message: str) -> None:
    set_params({"analogies.sets": name})
    (line,) = error_of(analogies.main, ["gru", "vectors", "questions", "r.json"]).splitlines()
    assert line.startswith(f"analogies: error: params.yaml: analogies.sets is {name!r}: {message}; give a folder with")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("bats/notes", "sets/bats/notes.txt: holds no pair of words; "),
        ("similarity/notes", "sets/similarity/notes.txt: holds no pair of words; "),
        ("similarity/SimLex 999", "sets: SimLex 999 and SimLex-999 have the same name in metrics; rename a file$"),
    ],
)
def test_a_file_that_is_no_set_of_its_own_is_an_error_before_the_first_stage(
    folder: Path, set_params: SetParams, name: str, told: str
) -> None:
    set_params({"analogies.sets": "sets"})
    checked_params("download")
    (folder / f"{name}.txt").write_text("a b 1" if "999" in name else "To be read by people")
    with pytest.raises(UserError, match=f"^{told}"):
        checked_params("download")


def test_the_stage_evaluates_every_set_and_says_and_shows_it(
    folder: Path, set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    """On vectors whose plurals are their singulars moved by the same noisy offset."""
    random = np.random.default_rng(0)
    things = random.normal(size=(30, 4))
    plurals = things + random.normal(loc=[0, 0, 0, 2], scale=0.5, size=things.shape)
    words = [*(f"thing{i}" for i in range(30)), *(f"things{i}" for i in range(30)), "king", "queen", "man", "woman"]
    write_vectors("gru", words, np.vstack([things, plurals, np.eye(4) + 0.2]))
    set_params({"analogies.sets": str(folder)})
    ask("gru")
    error = capsys.readouterr().err
    results: dict[str, Any] = read_json(Path("data/reports/analogies/gru.json"))
    figures = read_json(Path("data/metrics/analogies/gru.json"))
    bats, tiny = results["bats"], results["similarity"]["tiny7"]
    assert "pl3" not in str(results)  # the JSON has figures of BATS, but no question of it

    ours, male = bats["sections"].values()
    assert (bats["questions"], bats["asked"], ours["asked"], male["questions"], male["asked"]) == (876, 872, 870, 6, 2)
    space = VectorSpace(*read_embeddings(Path("data/embeddings/gru"))[:2])
    asked = [question for question in evaluation_sets(folder).bats if not space.missing(question)]
    right = np.array([words[i] in q.answers for (i,), q in zip(space.answers(asked, "cosine", 1), asked, strict=True)])
    halves = np.array([half_of(question) for question in asked])
    accuracy = bats["accuracy"]["cosine"]
    assert [accuracy[half] for half in ("development", "test")] == [
        right[halves == half].mean() for half in ("development", "test")
    ]
    assert 0 < accuracy["test_low"] < accuracy["test"] < accuracy["test_high"] < 1
    assert ours["cosine"] + male["cosine"] == right.sum()

    # Nothing is known of WordSim-353, SimLex-999 and sem, and the three pairs of Part are too few.
    shares = {figure: found["test"] for figure, found in bats["accuracy"].items()}
    ends = {"bats_low": accuracy["test_low"], "bats_high": accuracy["test_high"]}
    known = {"bats": shares["cosine"], "tiny7": tiny["spearman"]}
    trivial = {f"bats_{rule}": shares[rule] for rule in TRIVIAL}
    assert list(figures.items())[-7:] == [*(known | ends | trivial).items()]
    assert ((tiny["pairs"], tiny["known"]), results["similarity"]["sem"]["known"]) == ((4, 4), 1)

    share, low, high = (f"{accuracy[key]:.1%}" for key in ("test", "test_low", "test_high"))
    baseline, of = f"{max(shares[rule] for rule in TRIVIAL):.1%}", bats["asked_test"]
    told = f"872 of BATS's 876 questions can be asked (99.5%); right of {of} in the test half"
    found = "Tiny-7: 1 malformed line(s) skipped; sets/similarity/Tiny-7.txt, line 5: found 'king duke'"
    interval = f"{tiny['low']:.3f} to {tiny['high']:.3f}"
    rated = f"rank correlations: Tiny-7 {tiny['spearman']:.3f} ({interval})\n"
    assert all(f"gru: {line}" in error for line in (f"{told}: {share} ({low} to {high})", found, rated))
    html = render()
    row_of_bats = f"{of}<small>of {bats['questions_test']}</small></td><td>{baseline}</td><td>{share}<small>"
    for name, figure, row in (
        ("BATS", "accuracy", row_of_bats),
        ("Tiny-7", "Spearman", f"4<small>of 4</small></td><td>-</td><td>{tiny['spearman']:.3f}<small>"),
        ("sem", "Spearman", "1<small>of 2</small></td><td>-</td><td>-</td></tr>"),
    ):
        assert f'<tr><td>{name}</td><td class="text">{figure}</td><td>{row}' in html
    assert f"{share}<small>{low[:-1]} to {high}</small></td></tr>" in html


def test_the_real_sets_are_read_whole(shared: Path) -> None:
    if not (folder := shared / "data/evaluation").is_dir():
        pytest.skip(f"no evaluation sets at {folder}")
    sets = evaluation_sets(folder)
    assert len({question.section for question in sets.bats}) == 40
    assert 90_000 < len(sets.bats) <= 40 * 2450
    pairs = {each.name: len(each.pairs) for each in sets.similarity}
    assert pairs.items() >= {"EN-MTurk-771": 771, "EN-SIMLEX-999": 999, "EN-SimVerb-3500": 3500}.items()
    assert sets.malformed == {}
