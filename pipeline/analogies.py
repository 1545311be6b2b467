"""Stage, for each model: what its word vectors answer to Google's analogies, the book's and the user's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.markdown import analogy_report, within
from pipeline.run.console import Metrics, say, stage
from pipeline.run.outputs import whole_file, write_json
from pipeline.settings import load_params
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.questions import listed, question_files


@stage
def main(name: str, embeddings: Path, questions: Path, json_report: Path, markdown_report: Path) -> Metrics:
    """Ask the vectors in EMBEDDINGS Google's analogies and the files in QUESTIONS; write both reports."""
    params = load_params().analogies
    vectors = read_embeddings(embeddings)
    results = evaluate(vectors, list(question_files(questions, set(vectors.words[: params.restrict]))), params)
    write_json(json_report, results)
    with whole_file(markdown_report) as file:
        file.write_text(analogy_report(name, results), encoding="utf-8")
    for line in summary(results):
        say(f"{name}: {line}")
    return figures(results)


def figures(results: dict[str, Any]) -> Metrics:
    """Return the figures of a report that people compare: shares of the questions asked, 0 if none could be asked."""
    cosine, euclidean, raw = (results["accuracy"][method] for method in ("cosine", "euclidean", "euclidean_raw"))
    return {
        "vocabulary_size": results["vocabulary_size"],
        "asked": results["asked"],
        "coverage": results["asked"] / results["questions"],
        "cosine_total": cosine["total"],
        "cosine_semantic": cosine["semantic"],
        "cosine_syntactic": cosine["syntactic"],
        "euclidean_total": euclidean["total"],
        "euclidean_raw_total": raw["total"],
        "frequent_total": results["frequent"],
        "development_total": cosine["development"],
        "test_total": cosine["test"],
        **{name: found["spearman"] for name, found in results["similarity"].items()},
    }


def summary(results: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that a run prints: the questions asked, the accuracy, and what was skipped."""
    cosine, raw = (results["accuracy"][method]["total"] for method in ("cosine", "euclidean_raw"))
    if results["restrict"]:
        yield f"asked {within(results)} only (analogies.restrict)"
    yield (
        f"{results['vocabulary_size']:,} words: {results['asked']:,} of Google's {results['questions']:,} questions "
        f"can be asked ({results['asked'] / results['questions']:.1%})"
        + (f"; right: {cosine:.1%} cosine, {raw:.1%} Euclidean on raw vectors" if results["asked"] else "")
    )
    for file in results["files"]:
        missing = f"; not {within(results)}: {listed(file['missing'])}" if file["missing"] else ""
        yield (
            f"{file['name']}: {file['asked']:,} of {file['questions']:,} questions can be asked; right: "
            f"{file['cosine']:,} cosine, {file['euclidean_raw']:,} Euclidean on raw vectors{missing}"
        )
        if file["malformed"]:
            yield f"{file['name']}: {len(file['malformed']):,} malformed line(s) skipped; {file['malformed'][0]}"


if __name__ == "__main__":
    main()
