"""The content of the analogy report of a model's vectors."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.settings.result_sections import Analogies
from pipeline.vectors.accuracy import kinds, right, right_by, share
from pipeline.vectors.evaluation.answered import Marks, accuracies, answers, by_section, frequent
from pipeline.vectors.evaluation.bats import by_category
from pipeline.vectors.evaluation.categories import cluster
from pipeline.vectors.evaluation.choice import in_development_half
from pipeline.vectors.evaluation.sets import EvaluationSets, key
from pipeline.vectors.evaluation.similarity import rate_pairs
from pipeline.vectors.evaluation.suite import TRIVIAL, macro_average, suite
from pipeline.vectors.exported import Embeddings
from pipeline.vectors.questions import BOOK, Question, QuestionFile, google_questions
from pipeline.vectors.scaling import SCALES, parts, word_vectors
from pipeline.vectors.space import Method, VectorSpace
from pipeline.vectors.spelling import predicted

BEST = 5  # answers that are shown, and count in the figures called top5
SPELLED_OUT = 200  # questions of a file that are shown one by one
FREQUENT = 12  # words whose nearest neighbours are listed
NEIGHBOURS = 10  # of each
RANDOM_SEED = 0  # of the vectors that know spelling alone

SECTION_FIGURES = ("cosine", "cosine_top5", "cosine_mul", "pair_direction", "euclidean", "euclidean_raw", *TRIVIAL)
COSINES: tuple[Method, ...] = ("cosine", "cosine_mul")
BATS_METHODS: tuple[Method, ...] = (*COSINES, "pair_direction")


class Spaces(NamedTuple):
    """The `exported` vectors and the raw ones; at unit length Euclidean distance ranks as the cosine does."""

    exported: VectorSpace
    raw: VectorSpace


def evaluate(
    embeddings: Embeddings, files: Sequence[QuestionFile], sets: EvaluationSets, params: Analogies
) -> dict[str, Any]:
    """Return the report on Google's questions, the `files`, all other sets, baselines and every kind of vectors."""
    words = embeddings.words[: params.restrict]
    space = VectorSpace(words, embeddings.vectors[: params.restrict])
    google = google_questions(space.index)
    trained = word_vectors(parts(embeddings.matrices, embeddings.chosen), "raw")
    spaces = Spaces(space, space if embeddings.scale == "raw" else VectorSpace(words, trained[: params.restrict]))
    asked = [question for question in google if not space.missing(question)]
    found, best = marks(spaces, asked)
    spelling = spelling_alone(space)
    found |= {"spelling": right_by("cosine", spelling, asked), "frequent": frequent(space, asked)}
    results = {
        "vectors": embeddings.chosen,
        "scale": embeddings.scale,
        "dimensions": embeddings.vectors.shape[1],
        "vocabulary_size": len(words),
        "restrict": params.restrict if len(words) < len(embeddings.words) else None,
        **accuracies(google, asked, found, kinds(asked)),
        "sections": by_section(google, asked, {figure: found[figure] for figure in SECTION_FIGURES}),
        "answers": answers(space, asked, best),
        "missing": missing_words(space, google),
        "files": [ask_file(spaces, file) for file in files],
        "bats": ask_bats(space, spelling, sets.bats) if sets.bats else None,
        "similarity": {key(rated["name"]): rated for rated in rate_pairs(space, sets.similarity)},
        "categories": {key(each.name): {"name": each.name, **cluster(space, each.members)} for each in sets.categories},
        "malformed": sets.malformed,
        "compared": compare(embeddings, [q for q in asked if in_development_half(q)], params.restrict),
        "neighbours": neighbours(space, files),
    }
    rows = list(suite(results))
    return {**results, "suite": rows, "macro_average": macro_average(rows)}


def marks(spaces: Spaces, asked: Sequence[Question]) -> tuple[Marks, np.ndarray]:
    """Return which questions are answered right, by figure, and the ids of the five best answers by cosine.

    The best answer counts; in figures called `top5`, one of the five best. Euclidean distance is measured on the
    exported vectors (`euclidean`) and on raw ones (`euclidean_raw`).
    """
    space, raw = spaces
    cosine, euclidean_raw = space.answers(asked, "cosine", BEST), raw.answers(asked, "euclidean", BEST)
    euclidean = euclidean_raw if space is raw else space.answers(asked, "euclidean")
    answers = {
        "cosine": cosine[:, :1],
        "cosine_top5": cosine,
        "cosine_mul": space.answers(asked, "cosine_mul"),
        "pair_direction": space.answers(asked, "pair_direction"),
        "euclidean": euclidean[:, :1],
        "euclidean_raw": euclidean_raw[:, :1],
        "euclidean_raw_top5": euclidean_raw,
    }
    return {figure: right(space, asked, ids) for figure, ids in answers.items()}, cosine


def ask_bats(space: VectorSpace, spelling: VectorSpace, questions: Sequence[Question]) -> dict[str, Any]:
    """Return the accuracy on questions of BATS by method, by half and by category, and the counts of each relation."""
    asked = [question for question in questions if not space.missing(question)]
    found: Marks = {method: right_by(method, space, asked) for method in BATS_METHODS}
    found |= {"spelling": right_by("cosine", spelling, asked), "frequent": frequent(space, asked)}
    return {
        **accuracies(questions, asked, found, by_category(questions, asked)),
        "sections": by_section(questions, asked, found),
    }


def missing_words(space: VectorSpace, questions: Sequence[Question]) -> dict[str, int]:
    """Return the missing words and the number of questions that each kept from being asked, greatest first."""
    return dict(Counter(word for question in questions for word in space.missing(question)).most_common())


def ask_file(spaces: Spaces, file: QuestionFile) -> dict[str, Any]:
    """Return how many questions of a file were answered right, and the first questions with their best answers."""
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
    """Return a question with its best answers by cosine and by Euclidean distance on raw vectors, or its missing words.

    Each answer has its cosine or its distance.
    """
    result = {"a": question.a, "b": question.b, "c": question.c, "answers": question.answers}
    if missing := spaces.exported.missing(question):
        return {**result, "missing": missing}
    return {
        **result,
        "cosine": spaces.exported.nearest(question, "cosine", BEST),
        "euclidean_raw": spaces.raw.nearest(question, "euclidean", BEST),
    }


def neighbours(space: VectorSpace, files: Sequence[QuestionFile]) -> dict[str, Any]:
    """Return the nearest words, with cosines, of the most frequent words and of the words in the book's questions."""
    asked = (word for file in files if file.name == BOOK for q in file.questions for word in (*q.given, *q.answers))
    shown = dict.fromkeys([*space.words[:FREQUENT], *(word for word in asked if word in space.index)])
    return {word: space.neighbours(word, NEIGHBOURS) for word in shown}


def spelling_alone(space: VectorSpace) -> VectorSpace:
    """Return vectors that know spelling alone: what the parts of words predict of as many values drawn at random."""
    drawn = np.random.default_rng(RANDOM_SEED).standard_normal(space.vectors.shape, np.float32)
    return VectorSpace(space.words, predicted(space.words, drawn))


def compare(embeddings: Embeddings, asked: Sequence[Question], restrict: int | None) -> list[dict[str, Any]]:
    """Return the share of `asked` answered right with the model's input, output and both vectors, on every scale.

    By cosine, and on raw vectors also by Euclidean distance: at unit length it ranks words as the cosine does.
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
                row |= {method: share(right_by(method, space, asked)) for method in COSINES}
            if scale == "raw":
                row["euclidean"] = share(right_by("euclidean", space, asked))
            rows.append(row)
    return rows
