"""The stage `analogies`: its questions, its reports, its figures and its messages."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import analogies
from pipeline.run.outputs import read_json
from pipeline.vectors.accuracy import right_by, share
from pipeline.vectors.evaluation.choice import in_development_half
from pipeline.vectors.evaluation.intervals import wilson
from pipeline.vectors.exported import Embeddings, write_embeddings
from pipeline.vectors.questions import Question, google_questions, shipped, words_asked
from pipeline.vectors.scaling import SCALES, word_vectors
from pipeline.vectors.space import VectorSpace
from tests.conftest import ROOT, ErrorOf, SetParams
from tests.picture import PICTURE


def write(words: list[str], inputs: np.ndarray, outputs: np.ndarray | None = None) -> None:
    """Write a folder `vectors` as the stage embeddings does, with raw input vectors."""
    Path("vectors").mkdir()
    matrices = {"input": inputs} | ({} if outputs is None else {"output": outputs})
    write_embeddings(Path("vectors"), "gru", Embeddings(words, inputs, matrices, "input", "raw"))


@pytest.fixture
def run(in_tmp: Path) -> Callable[..., tuple[dict[str, Any], str, dict[str, float]]]:
    """Return a function that runs the stage on the folder `vectors` and returns both reports and the figures."""
    (in_tmp / "questions").mkdir()
    (in_tmp / "questions/book.txt").write_bytes((ROOT / "questions/book.txt").read_bytes())

    def run() -> tuple[dict[str, Any], str, dict[str, float]]:
        analogies.main(["gru", "vectors", "questions", "r.json", "r.md", "--metrics", "m.json"])
        return read_json(Path("r.json")), Path("r.md").read_text(encoding="utf-8"), read_json(Path("m.json"))

    return run


def of_picture() -> tuple[list[str], np.ndarray]:
    return list(PICTURE), np.array(list(PICTURE.values()), np.float32)


def test_what_was_asked_and_what_was_missing(run: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    write(*of_picture())
    results, report, figures = run()
    assert (results["vocabulary_size"], results["dimensions"], results["questions"]) == (8, 4, 19_544)
    assert results["asked"] == results["sections"]["family"]["asked"] == 6  # of boy, king and man, each with another
    assert figures["euclidean_total"] == results["accuracy"]["euclidean"]["semantic"] == 1
    assert (results["asked_semantic"], results["asked_syntactic"], figures["cosine_syntactic"]) == (6, 0, 0)
    halves = results["asked_development"], results["asked_test"]
    assert sum(halves) == 6
    assert f"| questions asked | {halves[1]} | {halves[1]} | 0 | {halves[0]} | 6 |" in report
    assert "| Euclidean | 100.0% | 100.0% | - | 100.0% | 100.0% |" in report
    assert (figures["asked"], figures["coverage"]) == (6, 6 / 19_544)
    book = results["files"][0]
    assert (book["questions"], book["asked"]) == (4, 1)
    assert [book[how] for how in ("cosine", "euclidean", "euclidean_raw")] == [1, 1, 1]
    king, london, *_ = book["spelled"]
    assert king["euclidean_raw"][0][0] == "queen"
    assert king["euclidean_raw"][0][1] == pytest.approx(0, abs=1e-6)
    assert len(king["cosine"]) == 5
    assert london["missing"] == ["paris", "france", "london", "england or britain"]
    assert "8 words; input vectors, as trained, 4 values. 6 of Google's 19,544 questions" in report
    assert "| king - man + woman | queen | **queen** 0.91, " in report
    assert "not asked: no paris, france, london, england or britain" in report
    assert report.count("- **") == 8  # of 12 words whose neighbours are asked for
    error = capsys.readouterr().err
    told = f"6 of Google's 19,544 questions can be asked (0.0%); right of {halves[1]} in the test half: 100.0% ("
    low, high = (figures[f"test_{end}"] for end in ("low", "high"))
    assert f"gru: 8 words: {told}{low:.1%} to {high:.1%}) cosine, 100.0% Euclidean on raw vectors, " in error
    spelling, frequent = (figures[f"test_{baseline}"] for baseline in ("spelling", "frequent"))
    assert f", {spelling:.1%} spelling alone, {frequent:.1%} always the section's most frequent answer\n" in error
    asked = "gru: book.txt: 1 of 4 questions can be asked; right: 1 cosine, 1 Euclidean on raw vectors"
    assert f"{asked}; not in the vocabulary: " in error
    assert "analogies.restrict" not in error


def test_the_figures_are_few_and_flat(run: Callable[..., Any]) -> None:
    write(*of_picture())
    _, _, figures = run()
    assert list(figures) == [
        "vocabulary_size", "asked", "asked_test", "coverage",
        "cosine_total", "cosine_semantic", "cosine_syntactic",
        "euclidean_total",
        "development_total", "test_total", "test_low", "test_high", "test_frequent", "test_spelling",
        "macro_average",
    ]  # fmt: skip
    assert all(isinstance(value, int | float) for value in figures.values())


def test_each_half_of_the_questions_has_its_own_accuracy(run: Callable[..., Any]) -> None:
    random = np.random.default_rng(0)
    words = sorted(words_asked(google_questions()))[::2]
    inputs = random.normal(size=(len(words), 4)).astype(np.float32)
    write(words, inputs)
    results, _, figures = run()
    asked = {q for q in google_questions() if set(q.given) | set(q.answers) <= set(words)}
    right: dict[bool, list[bool]] = {True: [], False: []}
    found = [(section, q) for section, answers in results["answers"].items() for q in answers]
    assert len(found) == len(asked)
    for section, q in found:
        question = Question(section, q["a"], q["b"], q["c"], (q["expected"],))
        assert question in asked
        right[in_development_half(question)].append(q["top5"][0] == q["expected"])
    assert figures["development_total"] == pytest.approx(np.mean(right[True]))
    assert figures["test_total"] == pytest.approx(np.mean(right[False]))
    assert figures["development_total"] != figures["test_total"]
    assert (results["asked_development"], results["asked_test"]) == (len(right[True]), len(right[False]))
    low, high = wilson(sum(right[False]), len(right[False]))
    assert (figures["test_low"], figures["test_high"]) == (low, high)
    (row,) = (row for row in results["suite"] if (row["set"], row["figure"]) == ("Google", "3CosAdd"))
    assert (row["value"], row["low"], row["high"]) == (figures["test_total"], low, high)
    baselines = (figures["test_frequent"], figures["test_spelling"])
    assert (row["asked"], row["of"], row["baseline"]) == (len(right[False]), 9_742, max(baselines))
    raw = results["accuracy"]["euclidean_raw"]
    weights = np.array([results["asked_development"], results["asked_test"]]) / results["asked"]
    assert weights @ [raw["development"], raw["test"]] == pytest.approx(raw["total"])


def test_words_with_capitals_are_asked_as_they_are_spelled(run: Callable[..., Any]) -> None:
    lines = shipped("questions-words.txt").read_text(encoding="utf-8").splitlines()
    pairs = sorted({tuple(line.split()[:2]) for line in lines[1:507]})  # Athens Greece and others
    random = np.random.default_rng(0)
    countries = random.normal(size=(len(pairs), 8))
    capitals = countries + 1 + random.normal(size=countries.shape)  # so that many questions are answered right
    words = [word for pair in zip(*pairs, strict=True) for word in pair]
    vectors = np.concatenate([capitals, countries]).astype(np.float32)
    write([word.lower() for word in words], vectors)
    lower, *_ = run()
    shutil.rmtree("vectors")
    write(words, vectors)
    results, report, _ = run()
    figures = ("asked", "accuracy", "asked_development", "similarity", "suite")
    assert {key: results[key] for key in figures} == {key: lower[key] for key in figures}
    section = results["sections"]["capital-common-countries"]
    assert 0 < section["cosine"] < section["asked"] == 506
    assert f"- capital-common-countries, {section['cosine']} of 506 right\n  - right: " in report
    question = r"[A-Z]\w+ - [A-Z]\w+ \+ [A-Z]\w+ = [A-Z]\w+"
    assert re.search(rf"^  - right: {question}; {question}; {question}$", report, re.MULTILINE)
    wrong = rf"{question}, not [A-Z]\w+"
    assert re.search(rf"^  - wrong: {wrong}; {wrong}; {wrong}$", report, re.MULTILINE)


def test_the_report_holds_each_question_that_was_asked_and_its_five_best_answers(run: Callable[..., Any]) -> None:
    words, vectors = of_picture()
    write(words, vectors[[0, 2, 1, *range(3, 8)]])  # the king and the queen have each other's vector
    results, report, _ = run()
    assert list(results["answers"]) == ["family"]
    answers = results["answers"]["family"]
    assert len(answers) == results["asked"] == 6
    for q in answers:
        assert list(q) == ["a", "b", "c", "expected", "top5", "right"]
        assert len(q["top5"]) == 5
        assert set(q["top5"]) == set(words) - {q["a"], q["b"], q["c"]}
        assert q["right"] == (q["top5"][0] == q["expected"])
    found = {(q["a"], q["b"], q["c"]): q["top5"][0] for q in answers}
    assert (found["boy", "girl", "man"], found["boy", "girl", "king"]) == ("woman", "woman")
    family = results["sections"]["family"]
    assert sum(q["right"] for q in answers) == family["cosine"] == 2
    assert "\n- family, 2 of 6 right\n  - right: girl - boy + man = woman; woman - man + boy = girl\n" in report
    assert "\n  - wrong: girl - boy + king = queen, not woman; " in report


def test_cosines_are_called_cosines(run: Callable[..., Any]) -> None:
    write(*of_picture())
    results, report, _ = run()
    (nearest, cosine), *_ = results["neighbours"]["man"]
    assert (nearest, cosine) == ("king", pytest.approx(0.2**0.5))  # of (0, 0, 1, 0) and (2, 0, 1, 0)
    assert "- **man**: king 0.45, " in report
    (answer, cosine), *_ = results["files"][0]["spelled"][0]["cosine"]
    assert answer == "queen"
    assert 0.9 < cosine <= 1


def test_questions_of_ones_own(run: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    write(*of_picture())
    lines = ": mine", "boy girl king queen|empress", "man king", "king queen emperor empress", "boy man girl king"
    Path("questions/mine.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    results, report, _ = run()
    _, mine = results["files"]
    assert (mine["name"], mine["questions"], mine["asked"], mine["euclidean_raw"]) == ("mine.txt", 3, 2, 1)
    assert mine["missing"] == {"emperor": 1, "empress": 1}
    found = "questions/mine.txt, line 3: found 'man king', 2 word(s); expected four words"
    assert mine["malformed"][0].startswith(found)
    assert "## mine.txt" in report
    assert "| girl - boy + king | queen or empress | " in report
    assert f"- left out: {found}" in report
    assert "- mine.txt: 1 question(s), for want of emperor, empress" in report
    assert f"gru: mine.txt: 1 malformed line(s) skipped; {found}" in capsys.readouterr().err


def test_an_empty_file_of_questions_is_an_error(run: Callable[..., Any], error_of: ErrorOf) -> None:
    write(*of_picture())
    Path("questions/mine.txt").touch()
    assert error_of(run).startswith("analogies: error: questions/mine.txt: holds no question, expected four")
    assert not Path("r.json").exists()


def test_a_long_file_is_counted_whole_and_shown_in_part(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.vectors.evaluation.evaluate.SPELLED_OUT", 2)
    write(*of_picture())
    Path("questions/mine.txt").write_text("boy girl king queen\n" * 5, encoding="utf-8")
    results, report, _ = run()
    assert results["files"][1]["euclidean"] == 5
    assert report.count("| girl - boy + king | queen |") == 2
    assert "The first 2 questions; the others are counted above." in report


def test_a_restriction_holds_for_questions_answers_and_pairs(
    run: Callable[..., Any], set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    write(*of_picture())
    whole, _, _ = run()
    assert "among the first" not in capsys.readouterr().err
    set_params({"analogies.restrict": 5})
    results, report, figures = run()
    error = capsys.readouterr().err
    assert whole["asked"] == 6
    assert (results["asked"], results["vocabulary_size"], figures["vocabulary_size"]) == (2, 5, 5)
    assert {word for q in results["answers"]["family"] for word in q["top5"]} <= set(list(PICTURE)[:5])
    assert "girl" not in str(results["neighbours"])
    assert set(results["missing"]) > {"boy", "girl"}
    assert "5 words; " in report
    assert (whole["restrict"], results["restrict"]) == (None, 5)
    assert "gru: asked among the first 5 words only (analogies.restrict)" in error
    assert "right: 1 cosine, 1 Euclidean on raw vectors; not among the first 5 words: " in error
    assert "questions have all four words among the first 5 words (" in report
    assert "in the vocabulary" not in report
    set_params({"analogies.restrict": 8})  # all that there are
    assert run()[0]["restrict"] is None


def test_euclidean_distance_is_asked_on_raw_vectors_too(run: Callable[..., Any]) -> None:
    words, vectors = of_picture()
    vectors[words.index("girl")] *= 10  # her direction stays, her place does not
    Path("vectors").mkdir()
    exported = Embeddings(words, word_vectors([vectors], "centred"), {"input": vectors}, "input", "centred")
    write_embeddings(Path("vectors"), "gru", exported)
    results, report, figures = run()
    assert figures["euclidean_total"] == figures["cosine_total"] == 1
    raw = results["accuracy"]["euclidean_raw"]
    assert 0 < raw["total"] < 1
    book = results["files"][0]
    assert (book["euclidean"], book["euclidean_raw"]) == (1, 1)
    king = book["spelled"][0]
    assert king["euclidean_raw"][0] == ["queen", pytest.approx(0, abs=1e-6)]
    assert f"| Euclidean, on raw vectors | {raw['test']:.1%} |" in report


def test_input_output_and_both_are_compared_on_every_scale(run: Callable[..., Any]) -> None:
    random = np.random.default_rng(0)
    words = sorted(words_asked(google_questions()))[::2]
    inputs = random.normal(size=(len(words), 4)).astype(np.float32)
    outputs = random.normal(loc=1, size=(len(words), 3)).astype(np.float32)
    write(words, inputs, outputs)
    results, report, figures = run()
    table = {(row["vectors"], row["scale"]): row for row in results["compared"]}
    assert len(table) == 9
    assert table["input", "raw"]["cosine"] == figures["development_total"]  # as the vectors were exported
    assert {key[0]: row["dimensions"] for key, row in table.items()} == {"input": 4, "output": 3, "both": 7}
    assert results["asked"] > 100
    known = VectorSpace(words, inputs)
    asked = [q for q in google_questions() if not known.missing(q) and in_development_half(q)]
    for kind, matrices in (("input", [inputs]), ("output", [outputs]), ("both", [inputs, outputs])):
        for scale in SCALES:
            space = VectorSpace(words, word_vectors(matrices, scale))
            for method in ("cosine", "cosine_mul"):
                assert table[kind, scale][method] == share(right_by(method, space, asked))
            if scale == "unit":  # both distances agree but for rounding, so the table has one
                assert share(right_by("euclidean", space, asked)) == pytest.approx(
                    table[kind, scale]["cosine"], abs=0.01
                )
        assert [scale for scale in SCALES if "euclidean" in table[kind, scale]] == ["raw"]
    assert table["both", "raw"]["cosine"] != table["both", "unit"]["cosine"]
    assert table["input", "centred"]["cosine"] != table["both", "centred"]["cosine"]
    assert report.count("| both | ") == 3


def test_a_model_of_one_matrix_is_compared_by_it_alone(run: Callable[..., Any]) -> None:
    write(*of_picture())
    results, _, _ = run()
    assert [(row["vectors"], row["scale"]) for row in results["compared"]] == [
        ("input", "raw"), ("input", "unit"), ("input", "centred")
    ]  # fmt: skip


def test_baselines_know_nothing_of_the_vectors(run: Callable[..., Any]) -> None:
    words = ["girl", "boy", "queen", "king", "woman", "man"]
    write(words, np.ones((6, 2), np.float32))
    results, _, figures = run()
    other = np.random.default_rng(1).normal(size=(6, 2)).astype(np.float32)
    write_embeddings(Path("vectors"), "gru", Embeddings(words, other, {"input": other}, "input", "raw"))
    other_results, _, others = run()
    assert figures["cosine_total"] != others["cosine_total"]
    for baseline in ("spelling", "frequent"):
        assert results["accuracy"][baseline] == other_results["accuracy"][baseline]
        assert figures[f"test_{baseline}"] == others[f"test_{baseline}"]
    # The answers are girl, queen and woman, in this order. "girl" is right of the two questions that end in a boy and
    # wrong of two others; the two that give her get "queen", right of a king and wrong of a man.
    assert figures["asked"] == 6
    assert results["accuracy"]["frequent"]["total"] == pytest.approx(3 / 6)


def test_a_vocabulary_that_can_be_asked_nothing(run: Callable[..., Any]) -> None:
    write(["one"], np.ones((1, 3), np.float32))
    results, report, figures = run()
    assert figures["asked"] == figures["coverage"] == figures["cosine_total"] == 0
    assert "wordsim353" not in figures
    assert results["neighbours"] == {"one": []}
    assert "0 of Google's 19,544 questions" in report


def test_two_runs_are_the_same(run: Callable[..., Any]) -> None:
    write(*of_picture())
    first = run()[:2]
    assert run()[:2] == first
