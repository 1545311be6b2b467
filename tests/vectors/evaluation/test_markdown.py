import numpy as np

from pipeline.vectors.evaluation.evaluate import evaluate
from pipeline.vectors.evaluation.markdown import analogy_report
from pipeline.vectors.evaluation.sets import evaluation_sets
from pipeline.vectors.exported import Embeddings
from pipeline.vectors.questions import Question, QuestionFile


def test_words_that_markdown_would_read_as_its_own_signs_are_escaped() -> None:
    words = ["*", "`", "<b>", "_x_", "__", "\\", "new_york", "man", "|"]
    vectors = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    questions = [Question("own", *each) for each in (("*", "<b>", "_x_", ("man",)), ("`", "__", "\\", ("new_york",)))]
    question = QuestionFile("*own*.txt", questions, ["line 1: found '`a`'"])
    embeddings = Embeddings(words, vectors, {"input": vectors}, "input", "raw")
    report = analogy_report("gru", evaluate(embeddings, [question], evaluation_sets(None)))
    assert r"- \*own\*.txt, left out: line 1: found '\`a\`'" in report
    (row,) = [line for line in report.splitlines() if line.startswith(r"| \<b> - \* + \_x\_ | man | ")]
    assert row.replace(r"\|", "").count("|") == 5  # four cells
    assert "\n| \\_\\_ - \\` + \\\\ | new_york | " in report
