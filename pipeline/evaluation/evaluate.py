"""All that the analogy report says of a model's vectors."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.evaluation.choice import in_development_half
from pipeline.evaluation.settings import Analogies
from pipeline.evaluation.similarity import SETS, judged_pairs, rank_correlation
from pipeline.vectors.accuracy import kinds, right, shares
from pipeline.vectors.exported import Embeddings
from pipeline.vectors.questions import BOOK, Question, QuestionFile, google_questions, words_asked
from pipeline.vectors.scaling import SCALES, parts, word_vectors
from pipeline.vectors.space import Distance, Method, VectorSpace

BEST = 5  # answers that are shown, and count in the figures called top5
SPELLED_OUT = 200  # questions of a file that are shown one by one
RANDOM_SEED = 0  # of the vectors that know nothing

SECTION_FIGURES = ("cosine", "cosine_top5", "cosine_mul", "euclidean", "euclidean_raw")
COSINES: tuple[Method, ...] = ("cosine", "cosine_mul")

Marks = dict[str, np.ndarray]


class Spaces(NamedTuple):
    """The `exported` vectors, and those as they were trained: at unit length Euclidean distance is only the cosine."""

    exported: VectorSpace
    raw: VectorSpace


def evaluate(embeddings: Embeddings, files: Sequence[QuestionFile], params: Analogies) -> dict[str, Any]:
    """Google's questions by section, those of `files` one by one, similarity, baselines, and every kind of vectors."""
    words = embeddings.words[: params.restrict]
    space = VectorSpace(words, embeddings.vectors[: params.restrict])
    google = google_questions(space.index)
    trained = word_vectors(parts(embeddings.matrices, embeddings.chosen), "raw")
    spaces = Spaces(space, space if embeddings.scale == "raw" else VectorSpace(words, trained[: params.restrict]))
    asked = [question for question in google if not space.missing(question)]
    found, best = marks(spaces, asked)
    answers = [words[ids[0]] if len(ids) else None for ids in best]
    return {
        "vectors": embeddings.chosen,
        "scale": embeddings.scale,
        "dimensions": embeddings.vectors.shape[1],
        "vocabulary_size": len(words),
        "restrict": params.restrict if len(words) < len(embeddings.words) else None,
        "questions": len(google),
        "capitalized": sorted(word for word in words_asked(google) if word != word.lower()),
        "asked": len(asked),
        **{f"asked_{part}": int(chosen.sum()) for part, chosen in (kinds(asked) | halves(asked)).items()},
        "accuracy": {name: shares(asked, values) | by_half(asked, values) for name, values in found.items()},
        "sections": by_section(google, asked, found, answers),
        "missing": missing_words(space, google),
        "files": [ask_file(spaces, file) for file in files],
        "similarity": {name: rank_correlation(space, list(judged_pairs(name, space.index))) for name in SETS},
        "random": random_accuracy(space, asked),
        "frequent": frequent_accuracy(space, asked),
        "compared": compare(embeddings, asked, params.restrict),
        "neighbours": neighbours(space, files, params),
    }


def marks(spaces: Spaces, asked: Sequence[Question]) -> tuple[Marks, np.ndarray]:
    """By figure, which questions are answered right: by the best answer, or one of the five best; and those by cosine.

    Euclidean distance counts on the exported vectors (`euclidean`) and on raw ones (`euclidean_raw`).
    """
    space, raw = spaces
    cosine, euclidean_raw = space.answers(asked, "cosine", BEST), raw.answers(asked, "euclidean", BEST)
    euclidean = euclidean_raw if space is raw else space.answers(asked, "euclidean")
    answers = {
        "cosine": cosine[:, :1],
        "cosine_top5": cosine,
        "cosine_mul": space.answers(asked, "cosine_mul"),
        "euclidean": euclidean[:, :1],
        "euclidean_raw": euclidean_raw[:, :1],
        "euclidean_raw_top5": euclidean_raw,
    }
    return {figure: right(space, asked, ids) for figure, ids in answers.items()}, cosine


def halves(questions: Sequence[Question]) -> Marks:
    """Return which of the `questions` are in the `development` half and which in the `test` half, each (questions,)."""
    development = np.array([in_development_half(question) for question in questions], bool)
    return {"development": development, "test": ~development}


def by_half(questions: Sequence[Question], answered: np.ndarray) -> dict[str, float]:
    """Return the share of `questions` that were `answered` right (questions,) in each half; 0 of none."""
    return {half: float(answered[chosen].mean()) if chosen.any() else 0.0 for half, chosen in halves(questions).items()}


def by_section(
    questions: Sequence[Question], asked: Sequence[Question], found: Marks, answers: Sequence[str | None]
) -> dict[str, dict[str, Any]]:
    """For each section how many questions there are, were asked and answered right, and every answer by cosine.

    Its `answers` stand in the order of its questions; a question that was not asked has None.
    """
    sections: dict[str, dict[str, Any]] = {}
    answer_to = dict(zip(asked, answers, strict=True))
    for question in questions:
        nothing = {"questions": 0, "asked": 0, **dict.fromkeys(SECTION_FIGURES, 0), "answers": []}
        section = sections.setdefault(question.section, nothing)
        section["questions"] += 1
        section["asked"] += question in answer_to
        section["answers"].append(answer_to.get(question))
    for name in SECTION_FIGURES:
        for question, is_right in zip(asked, found[name].tolist(), strict=True):
            sections[question.section][name] += is_right
    return sections


def missing_words(space: VectorSpace, questions: Sequence[Question]) -> dict[str, int]:
    """The words for whose lack questions were not asked, and how many: those of most questions first."""
    return dict(Counter(word for question in questions for word in space.missing(question)).most_common())


def ask_file(spaces: Spaces, file: QuestionFile) -> dict[str, Any]:
    """How many questions of a file were answered right, and the first ones with their best answers."""
    space = spaces.exported
    asked = [question for question in file.questions if not space.missing(question)]
    found, _ = marks(spaces, asked)
    return {
        "name": file.name,
        "questions": len(file.questions),
        "asked": len(asked),
        "malformed": file.malformed,
        "missing": missing_words(space, file.questions),
        **{name: int(values.sum()) for name, values in found.items()},
        "spelled": [spell_out(spaces, question) for question in file.questions[:SPELLED_OUT]],
    }


def spell_out(spaces: Spaces, question: Question) -> dict[str, Any]:
    """A question with the best answers by cosine and by Euclidean distance on raw vectors, or the words missing.

    Each answer has its distance.
    """
    result: dict[str, Any] = {"a": question.a, "b": question.b, "c": question.c, "answers": question.answers}
    if missing := spaces.exported.missing(question):
        return {**result, "missing": missing}
    asked: dict[str, tuple[VectorSpace, Distance]] = {
        "cosine": (spaces.exported, "cosine"),
        "euclidean_raw": (spaces.raw, "euclidean"),
    }
    for name, (space, distance) in asked.items():
        (best,) = space.answers([question], distance, BEST)
        found = space.distances(question, best, distance)
        result[name] = [[space.words[i], value] for i, value in zip(best, found, strict=True)]
    return result


def neighbours(space: VectorSpace, files: Sequence[QuestionFile], params: Analogies) -> dict[str, Any]:
    """The nearest words, with their distances, of the most frequent ones and of those that the book asks about."""
    asked = (word for file in files if file.name == BOOK for q in file.questions for word in (*q.given, *q.answers))
    shown = dict.fromkeys([*space.words[: params.frequent_words], *(word for word in asked if word in space.index)])
    return {word: space.neighbours(word, params.neighbours) for word in shown}


def random_accuracy(space: VectorSpace, asked: Sequence[Question]) -> float:
    """The share that vectors of as many values, drawn at random, answer right by cosine."""
    drawn = np.random.default_rng(RANDOM_SEED).standard_normal(space.vectors.shape, np.float32)
    return shares(asked, right(space, asked, VectorSpace(space.words, drawn).answers(asked, "cosine")))["total"]


def frequent_accuracy(space: VectorSpace, asked: Sequence[Question]) -> float:
    """Accuracy of always guessing the section's most frequent answer, excluding the given words."""
    answers: dict[str, set[int]] = {}
    for question in asked:
        known = {space.index[word] for word in question.answers if word in space.index}
        answers.setdefault(question.section, set()).update(known)
    ordered = {section: sorted(ids) for section, ids in answers.items()}
    said = [[i for i in ordered[q.section] if space.words[i] not in q.given][:1] for q in asked]
    hits = [any(space.words[i] in q.answers for i in ids) for q, ids in zip(asked, said, strict=True)]
    return shares(asked, np.array(hits, bool))["total"]


def compare(embeddings: Embeddings, asked: Sequence[Question], restrict: int | None) -> list[dict[str, Any]]:
    """The share answered right with the model's input, output and both vectors, on every scale.

    By cosines, and on raw vectors by Euclidean distance: at unit length and centred it orders words as cosines do.
    """
    sources = {kind: [matrix] for kind, matrix in embeddings.matrices.items()}
    if len(sources) == 2:
        sources["both"] = list(embeddings.matrices.values())
    rows: list[dict[str, Any]] = []
    for kind, matrices in sources.items():
        for scale in SCALES:
            vectors = word_vectors(matrices, scale)
            space = VectorSpace(embeddings.words[:restrict], vectors[:restrict])
            row: dict[str, Any] = {"vectors": kind, "scale": scale, "dimensions": vectors.shape[1]}
            if scale == "unit" and len(matrices) == 1:  # cosines do not depend on length
                row |= {method: rows[-1][method] for method in COSINES}
            else:
                row |= {method: share_right(space, asked, method) for method in COSINES}
            if scale == "raw":
                row["euclidean"] = share_right(space, asked, "euclidean")
            rows.append(row)
    return rows


def share_right(space: VectorSpace, asked: Sequence[Question], method: Method) -> float:
    """The share of the questions `asked` whose best answer by a method is right."""
    return shares(asked, right(space, asked, space.answers(asked, method)))["total"]
