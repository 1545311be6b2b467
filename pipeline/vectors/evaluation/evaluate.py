"""The content of the analogy report of a model's vectors."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeline.vectors.accuracy import kinds, right_by
from pipeline.vectors.evaluation.answered import BEST, Masks, answers, by_part, by_section, marked
from pipeline.vectors.evaluation.intervals import pair_intervals
from pipeline.vectors.evaluation.sets import EvaluationSets, key
from pipeline.vectors.evaluation.similarity import rank_correlation
from pipeline.vectors.evaluation.suite import suite_rows
from pipeline.vectors.evaluation.trivial import by_rules
from pipeline.vectors.exported import ExportedVectors
from pipeline.vectors.questions import Question, QuestionFile, google_questions
from pipeline.vectors.scaling import parts, word_vectors
from pipeline.vectors.space import VectorSpace

OWN_SHOWN = 200  # questions of a file that are shown one by one


def evaluate(embeddings: ExportedVectors, files: Sequence[QuestionFile], sets: EvaluationSets) -> dict[str, Any]:
    """Return the report on Google's questions, the `files` and all other sets, with baselines."""
    raw = word_vectors(parts(embeddings.matrices, embeddings.chosen), "raw")
    space = VectorSpace(embeddings.words, embeddings.vectors, raw)
    google = google_questions(space.index)
    asked = known_questions(space, google)
    results = {
        "vectors": embeddings.chosen,
        "scale": embeddings.scale,
        "dimensions": embeddings.vectors.shape[1],
        "vocabulary_size": len(space.words),
        **ask_set(space, google, kinds(asked)),
        "answers": answers(space, asked),
        "missing": missing_words(space, google),
        "files": [ask_file(space, file) for file in files],
        "bats": ask_set(space, sets.bats, {}) if sets.bats else None,
        "similarity": {
            key(own.name): {"name": own.name, **rank_correlation(space, own.pairs)} for own in sets.similarity
        },
        "malformed": sets.malformed | {file.name: file.malformed for file in files if file.malformed},
    }
    for section, own in results["answers"].items():
        ends = pair_intervals(*marked({section: own}))[0]
        results["sections"][section] |= dict(zip(("low", "high"), ends, strict=True))
    return {**results, "suite": list(suite_rows(results))}


def known_questions(space: VectorSpace, questions: Sequence[Question]) -> list[Question]:
    """Return the questions that can be asked: those whose words the vocabulary has."""
    return [question for question in questions if not space.missing(question)]


def ask_set(space: VectorSpace, questions: Sequence[Question], kinds: Masks) -> dict[str, Any]:
    """Return the accuracy on a set by figure, by half and by kind, and the counts of each section.

    `kinds` has a mask of the questions asked for each kind. Euclidean distance is measured on raw vectors: it orders
    centred ones as the cosine does.
    """
    asked = known_questions(space, questions)
    found = {
        "cosine": right_by("cosine", space, asked),
        "euclidean": right_by("euclidean", space, asked),
        **by_rules(space, asked),
    }
    return {**by_part(questions, asked, found, kinds), "sections": by_section(questions, asked, found)}


def missing_words(space: VectorSpace, questions: Sequence[Question]) -> dict[str, int]:
    """Return the missing words and the number of questions that each kept from being asked, greatest first."""
    return dict(Counter(word for question in questions for word in space.missing(question)).most_common())


def ask_file(space: VectorSpace, file: QuestionFile) -> dict[str, Any]:
    """Return how many questions of a file were answered right, and the first questions with their best answers."""
    asked = known_questions(space, file.questions)
    return {
        "name": file.name,
        "questions": len(file.questions),
        "asked": len(asked),
        "malformed": file.malformed,
        "missing": missing_words(space, file.questions),
        "cosine": int(right_by("cosine", space, asked).sum()),
        "euclidean": int(right_by("euclidean", space, asked).sum()),
        "shown": [with_answers(space, question) for question in file.questions[:OWN_SHOWN]],
    }


def with_answers(space: VectorSpace, question: Question) -> dict[str, Any]:
    """Return a question with its best answers by cosine and by Euclidean distance on raw vectors, or its missing words.

    Each answer has its cosine or its distance.
    """
    result = {"a": question.a, "b": question.b, "c": question.c, "answers": question.answers}
    if missing := space.missing(question):
        return {**result, "missing": missing}
    cosines = space.nearest(question, "cosine", BEST)
    return {**result, "cosine": cosines, "euclidean": space.nearest(question, "euclidean", BEST)}
