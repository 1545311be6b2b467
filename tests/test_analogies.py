"""The stage `analogies`: its questions, its report, its figures and its messages."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import analogies
from pipeline.run.outputs import read_json
from pipeline.vectors.evaluation.wording import TRIVIAL
from pipeline.vectors.exported import ExportedVectors, write_embeddings
from pipeline.vectors.scaling import word_vectors
from tests.conftest import ROOT, ErrorOf
from tests.picture import PICTURE

Run = Callable[[], tuple[dict[str, Any], dict[str, float]]]


def write(words: list[str], inputs: np.ndarray, **more: Any) -> None:
    """Write a folder `vectors` as the stage embeddings does, with raw input vectors unless told otherwise."""
    shutil.rmtree("vectors", ignore_errors=True)
    Path("vectors").mkdir()
    exported = ExportedVectors(words, inputs, {"input": inputs}, "input", "raw")._replace(**more)
    write_embeddings(Path("vectors"), exported)


@pytest.fixture
def run(in_tmp: Path) -> Run:
    """Return a function that runs the stage on the folder `vectors` and returns the report and the figures."""
    (in_tmp / "questions").mkdir()
    (in_tmp / "questions/book.txt").write_bytes((ROOT / "questions/book.txt").read_bytes())

    def run() -> tuple[dict[str, Any], dict[str, float]]:
        analogies.main(["gru", "vectors", "questions", "r.json", "--metrics", "m.json"])
        return read_json(Path("r.json")), read_json(Path("m.json"))

    return run


def of_picture() -> tuple[list[str], np.ndarray]:
    return list(PICTURE), np.array(list(PICTURE.values()), np.float32)


def test_what_was_asked_and_what_was_missing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write(*of_picture())
    results, figures = run()
    assert list(figures) == [
        "vocabulary_size", "asked", "asked_test", "coverage",
        "cosine_total", "cosine_semantic", "cosine_syntactic",
        "euclidean_total",
        "development_total", "test_total",
        "test_semantic", "test_syntactic", "test_frequent", "test_third", "test_affixes",
    ]  # fmt: skip
    assert (results["vocabulary_size"], results["dimensions"], results["questions"]) == (8, 4, 19_544)
    assert results["asked"] == results["sections"]["family"]["asked"] == 6  # of boy, king and man, each with another
    assert figures["euclidean_total"] == results["accuracy"]["euclidean"]["semantic"] == 1
    assert (results["asked_semantic"], results["asked_syntactic"], figures["cosine_syntactic"]) == (6, 0, 0)
    assert (results["asked_development"], results["asked_test"]) == (0, 6)  # all three pairs are in the test half
    assert results["suite"][0]["baseline"] == max(figures[f"test_{rule}"] for rule in TRIVIAL)
    assert (figures["asked"], figures["coverage"]) == (6, 6 / 19_544)
    (book,) = results["files"]
    assert [book[how] for how in ("questions", "asked", "cosine", "euclidean")] == [4, 1, 1, 1]
    king, london, *_ = book["shown"]
    assert king["euclidean"][0] == ["queen", pytest.approx(0, abs=1e-6)]
    assert len(king["cosine"]) == 5
    assert london["missing"] == ["paris", "france", "london", "england or britain"]
    error = capsys.readouterr().err
    told = f"6 of Google's 19,544 questions can be asked (0.0%); right of {results['asked_test']} in the test half: 100"
    assert f"gru: 8 words: {told}.0% (semantic 100.0%) cosine, 100.0% Euclidean on raw vectors" in error
    assert any(f"; level with {rule} (" in error for rule in TRIVIAL.values())
    asked = "gru: book.txt: 1 of 4 questions can be asked; right: 1 cosine, 1 Euclidean on raw vectors"
    assert f"{asked}; not in the vocabulary: " in error
    assert (results, figures) == run()


def test_words_with_capitals_are_asked_as_they_are_spelled(run: Run) -> None:
    vectors = np.array([[9, 0], [9, 1], [5, 0], [5, 1], [0, 9]])
    write(["Athens", "Greece", "Baghdad", "Iraq", "the"], vectors)
    results, _ = run()
    assert (results["asked"], results["sections"]["capital-common-countries"]["asked"]) == (3, 2)
    assert results["answers"]["capital-common-countries"][0]["expected"] == "Iraq"


def test_the_report_holds_each_question_that_was_asked_and_its_five_best_answers(run: Run) -> None:
    words, vectors = of_picture()
    write(words, vectors[[0, 2, 1, *range(3, 8)]])  # the king and the queen have each other's vector
    results, _ = run()
    assert list(results["answers"]) == ["family"]
    answers = results["answers"]["family"]
    for q in answers:
        assert list(q) == ["a", "b", "c", "expected", "top5", "right"]
        assert set(q["top5"]) == set(words) - {q["a"], q["b"], q["c"]}
        assert q["right"] == (q["top5"][0] == q["expected"])
    found = {(q["a"], q["b"], q["c"]): q["top5"][0] for q in answers}
    assert (found["boy", "girl", "man"], found["boy", "girl", "king"]) == ("woman", "woman")
    assert sum(q["right"] for q in answers) == results["sections"]["family"]["cosine"] == 2
    assert len(answers) == results["asked"] == 6


def test_questions_of_ones_own(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error_of: ErrorOf
) -> None:
    monkeypatch.setattr("pipeline.vectors.evaluation.evaluate.OWN_SHOWN", 2)
    write(*of_picture())
    lines = ": mine", "boy girl king queen|empress", "man king", "king queen emperor empress", "boy man girl king"
    Path("questions/mine.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    results, _ = run()
    _, mine = results["files"]
    assert (mine["name"], mine["questions"], mine["asked"], mine["euclidean"]) == ("mine.txt", 3, 2, 1)
    assert mine["missing"] == {"emperor": 1, "empress": 1}
    found = "questions/mine.txt, line 3: found 'man king'; expected four words"
    assert mine["malformed"][0].startswith(found)
    assert [len(q["answers"]) for q in mine["shown"]] == [2, 1]
    assert f"gru: mine.txt: 1 malformed line(s) skipped; {found}" in capsys.readouterr().err
    Path("r.json").unlink()
    Path("questions/mine.txt").write_text("")
    assert error_of(run).startswith("analogies: error: questions/mine.txt: holds no question; expected four")
    assert not Path("r.json").exists()


def test_euclidean_distance_is_measured_on_raw_vectors(run: Run) -> None:
    words, vectors = of_picture()
    vectors[words.index("girl")] *= 10  # her direction stays, her place does not
    write(words, word_vectors([vectors], "centred"), matrices={"input": vectors}, scale="centred")
    results, figures = run()
    assert figures["cosine_total"] == 1
    assert 0 < figures["euclidean_total"] < 1
    assert results["files"][0]["shown"][0]["euclidean"][0] == ["queen", pytest.approx(0, abs=1e-6)]


def test_baselines_know_nothing_of_the_vectors(run: Run) -> None:
    found = []
    for vectors in np.ones((6, 2), np.float32), np.random.default_rng(1).normal(size=(6, 2)).astype(np.float32):
        write(["girl", "boy", "queen", "king", "woman", "man"], vectors)
        results, figures = run()
        found.append(results["accuracy"])
        assert figures["test_affixes"] == results["accuracy"]["affixes"]["test"]
    one, other = found
    assert one["cosine"] != other["cosine"]
    for rule in ("affixes", "frequent"):  # but for the intervals of the lead
        same, also = ({**each[rule], "lead_low": None, "lead_high": None} for each in found)
        assert same == also
    # The answers are girl, queen and woman, in this order. "girl" is right of the two questions that end in a boy and
    # wrong of two others; the two that give her get "queen", right of a king and wrong of a man.
    assert one["frequent"]["total"] == pytest.approx(3 / 6)
