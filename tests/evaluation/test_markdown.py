import numpy as np

from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.markdown import analogy_report
from pipeline.evaluation.sets import evaluation_sets
from pipeline.evaluation.settings import Analogies
from pipeline.vectors.exported import Embeddings
from pipeline.vectors.questions import Question, QuestionFile


def test_a_word_that_is_a_bar_stays_in_its_cell() -> None:
    words = ["|", "the", "king", "queen", "man", "woman"]
    vectors = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    question = QuestionFile("own.txt", [Question("own", "man", "king", "woman", ("queen",))], [])
    embeddings = Embeddings(words, vectors, {"input": vectors}, "input", "raw")
    report = analogy_report("gru", evaluate(embeddings, [question], evaluation_sets(None), Analogies(restrict=None)))
    (row,) = [line for line in report.splitlines() if line.startswith("| king - man + woman |")]
    assert r"\|" in row
    assert row.replace(r"\|", "").count("|") == 5  # four cells
