"""The folder of evaluation sets: the files that are found, and the stage's results."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import analogies
from pipeline.checks import checked_params
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from pipeline.vectors.evaluation.choice import in_development_half
from pipeline.vectors.evaluation.intervals import wilson
from pipeline.vectors.evaluation.set_files import table_rows
from pipeline.vectors.evaluation.sets import check_sets, evaluation_sets, key
from pipeline.vectors.evaluation.similarity import rate_pairs
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.questions import Question
from pipeline.vectors.space import VectorSpace
from tests.conftest import ErrorOf, SetParams
from tests.page.conftest import ask, render, write_vectors

FILES = {
    "bats/1_Inflectional/I01 [noun - plural].txt": "".join(f"thing{i}\tthings{i}/pl{i}\n" for i in range(9)) + "lone\n",
    "bats/3_Encyclopedic/E10 [male - female].txt": "king\tqueen\nman\twoman\nduke\tduchess\n",
    "similarity/Tiny-7.txt": "thing0 things0 9\nthing1 king 1\nthing2 things3 4\nman woman 7\nking duke\n",
    "similarity/sem.csv": ",word1,word2,similarity\n0,king,queen,3.5\n1,unknown word,man,1\n",
    "similarity/README.md": "not a set",
    "bats/1_Inflectional/._I01 [noun - plural].txt": "hidden",
    "bats/1_Inflectional/.ipynb_checkpoints/I01 [noun - plural]-checkpoint.txt": "hidden",
    "similarity/._Tiny-7.txt": "hidden",
    "._ap.csv": "hidden",
    "ap.csv": ",category,word\n0,person,king\n1,person,man\n2,thing,thing0\n3,thing,thing1\n4,thing,\n",
}


@pytest.fixture
def folder(in_tmp: Path) -> Path:
    """A folder of sets in the working folder, written by hand."""
    for name, text in FILES.items():
        path = in_tmp / "sets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Path("sets")


def test_what_gensim_ships_is_the_default() -> None:
    sets = evaluation_sets(None)
    assert [each.name for each in sets.similarity] == ["WordSim-353", "SimLex-999"]
    assert (sets.bats, sets.categories, sets.malformed) == ([], [], {})


def test_a_folder_adds_its_sets_and_names_malformed_lines(folder: Path) -> None:
    sets = evaluation_sets(folder)
    assert len(sets.bats) == 9 * 8 + 3 * 2
    assert sets.bats[-1] == Question("3_Encyclopedic/E10 [male - female]", "duke", "duchess", "man", ("woman",))
    assert [each.name for each in sets.similarity] == ["WordSim-353", "SimLex-999", "Tiny-7", "sem"]
    assert [(each.name, len(each.members)) for each in sets.categories] == [("ap", 4)]
    assert {name: len(lines) for name, lines in sets.malformed.items()} == {"BATS": 1, "Tiny-7": 1, "ap": 1}
    assert sets.malformed["Tiny-7"][0].startswith("sets/similarity/Tiny-7.txt, line 5: found 'king duke'")


@pytest.mark.parametrize(
    ("name", "message"),
    [("nowhere", "'nowhere': no such folder"), (".", "'.': holds no evaluation set")],
)
def test_a_folder_without_sets_is_an_error(set_params: SetParams, error_of: ErrorOf, name: str, message: str) -> None:
    set_params({"analogies.sets": name})
    (line,) = error_of(analogies.main, ["gru", "vectors", "questions", "r.json", "r.md"]).splitlines()
    assert line.startswith(f"analogies: error: params.yaml: analogies.sets is {message}; give a folder with relations")


def test_two_sets_of_one_name_in_metrics_are_an_error(folder: Path) -> None:
    assert (key("SimLex-999"), key("EN-WS_353 é")) == ("simlex999", "enws353é")
    check_sets(folder)
    (folder / "similarity/SimLex999.txt").write_text("a b 1\n")
    with pytest.raises(
        UserError, match=r"^sets: SimLex999 and SimLex-999 have the same name in metrics; rename a file"
    ):
        check_sets(folder)


@pytest.mark.parametrize("name", ["bats/notes.txt", "similarity/notes.txt"])
def test_a_file_that_is_no_set_is_an_error_before_the_first_stage(
    folder: Path, set_params: SetParams, name: str
) -> None:
    (folder / name).write_text("To be read by people,\n\nnot by programs.\n")
    set_params({"analogies.sets": "sets"})
    with pytest.raises(UserError, match=rf"^sets/{name}: holds no .*; correct or remove the file$"):
        checked_params("download")


@pytest.fixture
def results(folder: Path, set_params: SetParams) -> dict[str, Any]:
    """What the stage reports of vectors whose plurals are their singulars moved by the same noisy offset."""
    random = np.random.default_rng(0)
    things = random.normal(size=(9, 4))
    plurals = things + random.normal(loc=[0, 0, 0, 2], scale=0.5, size=things.shape)
    vectors = {f"thing{i}": vector for i, vector in enumerate(things)}
    vectors |= {f"things{i}": vector for i, vector in enumerate(plurals)}
    vectors |= {word: np.array(vector) for word, vector in zip(FOUR, np.eye(4) + 0.2, strict=True)}
    write_vectors("gru", list(vectors), np.array(list(vectors.values())))
    set_params({"analogies.sets": str(folder)})
    ask("gru")
    found: dict[str, Any] = read_json(Path("data/reports/analogies/gru.json"))
    return found


FOUR = ("king", "queen", "man", "woman")


def test_bats_is_answered_on_its_test_half(results: dict[str, Any], folder: Path) -> None:
    bats, figures = results["bats"], read_json(Path("data/metrics/analogies/gru.json"))
    assert (bats["questions"], bats["asked"]) == (78, 74)
    plurals, male = bats["sections"].values()
    assert (plurals["asked"], male["questions"], male["asked"]) == (72, 6, 2)
    assert (bats["asked_1_Inflectional"], bats["asked_3_Encyclopedic"]) == (72, 2)
    embeddings = read_embeddings(Path("data/embeddings/gru"))
    space = VectorSpace(embeddings.words, embeddings.vectors)
    right: dict[bool, list[bool]] = {True: [], False: []}
    for question in evaluation_sets(folder).bats:
        if not space.missing(question):
            a, b, c = (space.unit[space.index[word]] for word in question.given)
            scores = {
                word: space.unit[space.index[word]] @ (b - a + c) for word in set(space.words) - {*question.given}
            }
            right[in_development_half(question)].append(max(scores, key=lambda word: scores[word]) in question.answers)
    accuracy = bats["accuracy"]["cosine"]
    assert accuracy["test"] == figures["bats"] == np.mean(right[False])
    assert accuracy["development"] == np.mean(right[True])
    assert 0 < accuracy["test"] < 1
    ends = accuracy["test_low"], accuracy["test_high"]
    assert ends == (figures["bats_low"], figures["bats_high"]) == wilson(sum(right[False]), len(right[False]))
    for baseline in ("frequent", "spelling"):
        assert figures[f"bats_{baseline}"] == bats["accuracy"][baseline]["test"]
    assert plurals["cosine"] + male["cosine"] == sum(right[True] + right[False])


def test_the_json_has_figures_of_bats_but_no_question_of_it(results: dict[str, Any]) -> None:
    assert "pl3" not in str(results)
    assert set(results["bats"]["accuracy"]) == {"cosine", "cosine_mul", "pair_direction", "spelling", "frequent"}


def test_every_set_has_a_metric_and_counts_in_the_macro_average(results: dict[str, Any]) -> None:
    figures = read_json(Path("data/metrics/analogies/gru.json"))
    # Nothing is known of WordSim-353, SimLex-999 and sem.
    of_bats = ["bats_low", "bats_high", "bats_frequent", "bats_spelling"]
    assert list(figures)[14:] == ["bats", "tiny7", "ap", *of_bats, "macro_average"]
    tiny, ap = results["similarity"]["tiny7"], results["categories"]["ap"]
    assert (figures["tiny7"], figures["ap"]) == (tiny["spearman"], ap["purity"])
    assert (tiny["pairs"], tiny["known"], ap["words"], ap["known"]) == (4, 4, 4, 4)
    assert results["similarity"]["sem"]["known"] == 1
    counted = [figures[name] for name in ("test_total", "bats", "tiny7", "ap")]
    assert [row["set"] for row in results["suite"] if row["averaged"]] == ["Google", "BATS", "Tiny-7", "ap"]
    assert figures["macro_average"] == results["macro_average"] == pytest.approx(100 * np.mean(counted))


@pytest.mark.parametrize("head", ['category,word\nx,"ab\n', 'category,"word\n'])
def test_a_quotation_mark_left_open_is_one_line(tmp_path: Path, head: str) -> None:
    (tmp_path / "ap.csv").write_text(head + "y,cd\n" * 60_000, encoding="utf-8")
    with pytest.raises(UserError, match=r"ap.csv: line \d+: field larger .*; is a quotation mark left open\?$"):
        list(table_rows(tmp_path / "ap.csv", ("category", "word")))


def test_the_console_and_both_reports_show_every_set(
    capsys: pytest.CaptureFixture[str], results: dict[str, Any]
) -> None:
    html, report = render(), Path("data/reports/analogies/gru.md").read_text(encoding="utf-8")
    error = capsys.readouterr().err
    bats = results["bats"]["accuracy"]
    share, low, high = (f"{bats['cosine'][part]:.1%}" for part in ("test", "test_low", "test_high"))
    frequent, spelling = (f"{bats[name]['test']:.1%}" for name in ("frequent", "spelling"))
    baseline = max(frequent, spelling, key=lambda share: float(share[:-1]))
    asked = results["bats"]["asked_test"]
    told = (
        f"74 of BATS's 78 questions can be asked (94.9%); right of {asked} in the test half: {share} ({low} to {high})"
    )
    assert (
        f"gru: {told} cosine, {spelling} spelling alone, {frequent} always the section's most frequent answer\n"
        in error
    )
    assert f"gru: macro-average of 4 set(s): {results['macro_average']:.1f}; Google " in error
    assert "gru: ap: 1 malformed line(s) skipped; sets/ap.csv, line 6: found 'thing'" in error
    assert f"| BATS | 3CosAdd | {asked} of " in report
    assert f" | {share} | {low} to {high} | {baseline} |" in report
    assert f"| macro-average |  |  | {results['macro_average']:.1f} |  |  |" in report
    assert "| 3_Encyclopedic/E10 [male - female] | 2 of 6 | " in report
    assert "- Tiny-7, left out: sets/similarity/Tiny-7.txt, line 5: " in report
    (row,) = re.findall(r"<tr><td>BATS</td>.*?3CosAdd</td>.*?</tr>", html)
    assert f"<td>{asked}<small>of {results['bats']['questions_test']}</small></td><td>{baseline}</td>" in row
    assert f"<td>{share}<small>{low[:-1]} to {high}</small></td></tr>" in row
    ap = results["categories"]["ap"]
    purity, shuffled, low, high = (f"{ap[share]:.1%}" for share in ("purity", "shuffled", "low", "high"))
    assert f'<td>ap</td><td class="text">purity</td><td>4<small>of 4</small></td><td>{shuffled}</td>' in html
    assert f"<td>{purity}<small>{low[:-1]} to {high}</small></td>" in html
    assert f"<td><strong>{results['macro_average']:.1f}</strong></td>" in html


def test_the_real_sets_are_read_whole(shared: Path) -> None:
    folder = shared / "data/evaluation"
    if not folder.is_dir():
        pytest.skip(f"no evaluation sets at {folder}")
    sets = evaluation_sets(folder)
    assert len({question.section for question in sets.bats}) == 40
    assert 90_000 < len(sets.bats) <= 40 * 2450
    assert {each.name: len(each.pairs) for each in sets.similarity} == {
        "WordSim-353": 353, "SimLex-999": 999, "EN-MTurk-771": 771, "EN-SIMLEX-999": 999, "EN-SimVerb-3500": 3500,
        "EN-WS-353-REL": 252, "EN-WS-353-SIM": 203, "semeval17": 500,
    }  # fmt: skip
    (ap,) = sets.categories
    assert (len(ap.members), len({member.category for member in ap.members})) == (402, 21)
    assert {name: len(lines) for name, lines in sets.malformed.items()} == {"ap": 21}  # the words are blank
    words = sorted({word for pairs in sets.similarity for pair in pairs.pairs for word in pair[:2]})
    rated = rate_pairs(VectorSpace(words, np.random.default_rng(0).normal(size=(len(words), 3))), sets.similarity)
    assert {found["name"]: found["part_of"] for found in rated if found["part_of"]} == {
        "EN-SIMLEX-999": "SimLex-999", "EN-WS-353-REL": "WordSim-353", "EN-WS-353-SIM": "WordSim-353"
    }  # fmt: skip
