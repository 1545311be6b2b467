import numpy as np

from pipeline.vectors.evaluation.evaluate import evaluate
from pipeline.vectors.evaluation.markdown import analogy_report
from pipeline.vectors.evaluation.sets import evaluation_sets
from pipeline.vectors.exported import Embeddings
from pipeline.vectors.questions import Question, QuestionFile


def test_words_that_markdown_would_read_as_its_own_signs_are_escaped() -> None:
    words = ["*", "`", "<b>", "_x_", "__", "\\", "new_york", "man", "|"]
    vectors = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    question = QuestionFile("*own*.txt", [Question("own", "*", "<b>", "_x_", ("man",))], ["line 1: found '`a`'"])
    embeddings = Embeddings(words, vectors, {"input": vectors}, "input", "raw")
    report = analogy_report("gru", evaluate(embeddings, [question], evaluation_sets(None)))
    assert r"- \*own\*.txt, left out: line 1: found '\`a\`'" in report
    (row,) = [line for line in report.splitlines() if line.startswith(r"| \<b> - \* + \_x\_ | man | ")]
    assert row.replace(r"\|", "").count("|") == 5  # four cells
    escaped = (r"\*", r"\`", r"\<b>", r"\_x\_", r"\_\_", r"\\", "new_york", "man", r"\|")
    assert [line.partition(": ")[0] for line in report.splitlines() if line.startswith("- **")] == [
        f"- **{word}**" for word in escaped
    ]
