"""Stage, for each language model: what its vectors answer to the book's and Google's analogies."""

from pathlib import Path
from typing import Any

import numpy as np

from pipeline.run.console import Metrics, say, stage
from pipeline.run.files import whole_file, write_json
from pipeline.run.params import load_params
from pipeline.run.params.results import Analogies
from pipeline.vectors.analogy import DISTANCES, VectorSpace
from pipeline.vectors.questions import BOOK_QUESTIONS, SYNTACTIC_PREFIX, Question, google_questions
from pipeline.vectors.report import analogy_report
from pipeline.vectors.word2vec import load_vectors


@stage
def main(name: str, embeddings: Path, json_report: Path, markdown_report: Path) -> Metrics:
    """Answer analogies with the vectors in EMBEDDINGS; write JSON_REPORT and MARKDOWN_REPORT."""
    params = load_params().analogies
    words, vectors = load_vectors(embeddings / "vectors.txt")
    results = evaluate(words, vectors, params)
    write_json(json_report, results)
    with whole_file(markdown_report) as file:
        file.write_text(analogy_report(name, results), encoding="utf-8")
    metrics = figures(results)
    right = f"{metrics['cosine_total']:.1%} cosine, {metrics['euclidean_total']:.1%} Euclidean"
    say(
        f"{name}: {results['asked']:,} of {results['questions']:,} Google questions can be asked "
        f"({metrics['coverage']:.1%}){f'; right: {right}' if results['asked'] else ''}"
    )
    return metrics


def evaluate(words: list[str], vectors: np.ndarray, params: Analogies) -> dict[str, Any]:
    """Every result of the report: the book's four, Google's by section, and neighbours of frequent words."""
    spaces = {distance: VectorSpace(words, vectors, distance) for distance in DISTANCES}
    cosine = spaces["cosine"]
    google = list(google_questions())
    sections: dict[str, dict[str, int]] = {}
    for question in google:
        section = sections.setdefault(question.section, {"questions": 0, "asked": 0, **dict.fromkeys(DISTANCES, 0)})
        section["questions"] += 1
        section["asked"] += cosine.knows(question)
    asked = [question for question in google if cosine.knows(question)]
    for distance, space in spaces.items():
        for answer in space.answer(asked):
            sections[answer.question.section][distance] += answer.word == answer.question.answer
    return {
        "vocabulary_size": len(words),
        "dimensions": vectors.shape[1],
        "questions": len(google),
        "asked": len(asked),
        "sections": sections,
        "book": [ask_book(question, spaces) for question in BOOK_QUESTIONS],
        "neighbours": {word: cosine.neighbours(word, params.neighbours) for word in words[: params.frequent_words]},
    }


def ask_book(question: Question, spaces: dict[Any, VectorSpace]) -> dict[str, Any]:
    """One of the book's analogies, with each distance's answer or the words that are missing."""
    result: dict[str, Any] = question._asdict()
    missing = [word for word in question[1:] if word not in spaces["cosine"].index]
    if missing:
        return {**result, "missing": missing}
    for distance, space in spaces.items():
        (answer,) = space.answer([question])
        result[distance] = {"word": answer.word, "distance": answer.distance}
    return result


def figures(results: dict[str, Any]) -> Metrics:
    """Accuracies over the questions asked, 0 where none could be, with the share that could be asked."""
    sections = results["sections"]
    metrics: Metrics = {
        "vocabulary_size": results["vocabulary_size"],
        "questions": results["questions"],
        "asked": results["asked"],
        "coverage": results["asked"] / results["questions"],
    }
    for distance in DISTANCES:
        metrics[f"{distance}_total"] = accuracy(sections.values(), distance)
        for kind, syntactic in (("semantic", False), ("syntactic", True)):
            chosen = [s for name, s in sections.items() if name.startswith(SYNTACTIC_PREFIX) == syntactic]
            metrics[f"{distance}_{kind}"] = accuracy(chosen, distance)
    return metrics


def accuracy(sections: Any, distance: str) -> float:
    """The share of the questions asked in `sections` that were answered right."""
    asked = sum(section["asked"] for section in sections)
    return sum(section[distance] for section in sections) / asked if asked else 0.0


if __name__ == "__main__":
    main()
