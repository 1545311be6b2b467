"""The content of the analogy report of a model's vectors."""

from collections import Counter
from collections.abc import Sequence

from pipeline.records.analogies import AnalogyReport, FileAnswers, SetAnswers, ShownQuestion
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
from pipeline.vectors.space import Distance, VectorSpace

OWN_SHOWN = 200  # questions of a file that are shown one by one


def evaluate(embeddings: ExportedVectors, files: Sequence[QuestionFile], sets: EvaluationSets) -> AnalogyReport:
    """Return the report on Google's questions, the `files` and all other sets, with baselines."""
    raw = word_vectors(parts(embeddings.matrices, embeddings.chosen), "raw")
    space = VectorSpace(embeddings.words, embeddings.vectors, raw)
    questions = google_questions(space.index)
    asked = known_questions(space, questions)
    google, answered = ask_set(space, questions, kinds(asked)), answers(space, asked)
    for section, own in answered.items():
        ends = dict(zip(("low", "high"), pair_intervals(*marked({section: own}))[0], strict=True))
        google.sections[section] = google.sections[section].model_copy(update=ends)
    bats = ask_set(space, sets.bats, {}) if sets.bats else None
    similarity = [rank_correlation(space, own.name, own.pairs) for own in sets.similarity]
    return AnalogyReport(
        vectors=embeddings.chosen,
        scale=embeddings.scale,
        dimensions=embeddings.vectors.shape[1],
        vocabulary_size=len(space.words),
        **dict(google),
        answers=answered,
        missing=missing_words(space, questions),
        files=[ask_file(space, file) for file in files],
        bats=bats,
        similarity={key(own.name): own for own in similarity},
        malformed=sets.malformed | {file.name: file.malformed for file in files if file.malformed},
        suite=list(suite_rows(google, bats, similarity)),
    )


def known_questions(space: VectorSpace, questions: Sequence[Question]) -> list[Question]:
    """Return the questions that can be asked: those whose words the vocabulary has."""
    return [question for question in questions if not space.missing(question)]


def ask_set(space: VectorSpace, questions: Sequence[Question], kinds: Masks) -> SetAnswers:
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
    counts = by_part(questions, asked, found, kinds)
    return SetAnswers.model_validate({**counts, "sections": by_section(questions, asked, found)})


def missing_words(space: VectorSpace, questions: Sequence[Question]) -> dict[str, int]:
    """Return the missing words and the number of questions that each kept from being asked, greatest first."""
    return dict(Counter(word for question in questions for word in space.missing(question)).most_common())


def ask_file(space: VectorSpace, file: QuestionFile) -> FileAnswers:
    """Return how many questions of a file were answered right, and the first questions with their best answers."""
    asked = known_questions(space, file.questions)
    return FileAnswers(
        name=file.name,
        questions=len(file.questions),
        asked=len(asked),
        malformed=file.malformed,
        missing=missing_words(space, file.questions),
        cosine=int(right_by("cosine", space, asked).sum()),
        euclidean=int(right_by("euclidean", space, asked).sum()),
        shown=[with_answers(space, question) for question in file.questions[:OWN_SHOWN]],
    )


def with_answers(space: VectorSpace, question: Question) -> ShownQuestion:
    """Return a question with its best answers by cosine and by Euclidean distance on raw vectors, or its missing words.

    Each answer has its cosine or its distance.
    """
    result = ShownQuestion(a=question.a, b=question.b, c=question.c, answers=[*question.answers])
    if missing := space.missing(question):
        return result.model_copy(update={"missing": missing})
    distances: tuple[Distance, ...] = ("cosine", "euclidean")
    return result.model_copy(update={each: space.nearest(question, each, BEST) for each in distances})
