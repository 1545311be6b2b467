"""Stage, for each model: the answers of its word vectors to every evaluation set and to the user's questions."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.records.analogies import AnalogyReport, SetAnswers
from pipeline.run.command import stage
from pipeline.run.console import Metrics, say
from pipeline.run.section import dependency
from pipeline.settings.checked import checked_params
from pipeline.vectors.evaluation.evaluate import evaluate
from pipeline.vectors.evaluation.sets import evaluation_sets, key
from pipeline.vectors.evaluation.wording import SPEARMAN, TRIVIAL, as_text, beside_rule, in_full, shown_interval
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.questions import listed, question_files


@stage
def main(name: str, embeddings: Path, questions: Path, report: Path) -> Metrics:
    """Ask the vectors in EMBEDDINGS all evaluation sets and the files in QUESTIONS; write the REPORT."""
    folder = dependency("analogies.sets", checked_params("analogies").analogies.sets)
    vectors = read_embeddings(embeddings)
    known = set(vectors.words)
    sets = evaluation_sets(folder, known)
    results = evaluate(vectors, list(question_files(questions, known)), sets)
    results.write(report)
    for line in summary(results):
        say(f"{name}: {line}")
    return analogy_figures(results)


def analogy_figures(results: AnalogyReport) -> Metrics:
    """Return the figures of a report that people compare: shares of the questions asked, 0 if none could be asked.

    A further set without a known word has no figure.
    """
    cosine, euclidean = (results.accuracy[method] for method in ("cosine", "euclidean"))
    others = {key(row.set): row for row in results.suite if row.set != "Google"}
    found = cosine.model_dump(include={f"test_{key}" for key in ("semantic", "syntactic", "low", "high")})
    found |= {f"test_{rule}": results.accuracy[rule].test for rule in TRIVIAL}
    found |= {name: row.value for name, row in others.items()}
    if results.bats:
        found |= {"bats_low": others["bats"].low, "bats_high": others["bats"].high}
        found |= {f"bats_{rule}": results.bats.accuracy[rule].test for rule in TRIVIAL}
    return {
        "vocabulary_size": results.vocabulary_size,
        "asked": results.asked,
        "asked_test": results.asked_test,
        "coverage": results.asked / results.questions,
        "cosine_total": cosine.total,
        "cosine_semantic": cosine.semantic or 0.0,
        "cosine_syntactic": cosine.syntactic or 0.0,
        "euclidean_total": euclidean.total,
        "development_total": cosine.development,
        "test_total": cosine.test,
        **{name: value for name, value in found.items() if value is not None},
    }


def summary(results: AnalogyReport) -> Iterator[str]:
    """Yield the lines that a run prints: the questions asked, the accuracy, and what was skipped.

    The accuracy is on the test half, with its interval and whether it is ahead of the best trivial rule.
    """
    yield f"{results.vocabulary_size:,} words: {_of_questions('Google', results)}"
    if results.bats:
        yield _of_questions("BATS", results.bats)
    rated = [row for row in results.suite if row.figure == SPEARMAN and row.value is not None]
    if rated:
        yield "rank correlations: " + ", ".join(f"{row.set} {as_text(row)} ({shown_interval(row)})" for row in rated)
    for file in results.files:
        missing = f"; not in the vocabulary: {listed(file.missing)}" if file.missing else ""
        yield (
            f"{file.name}: {file.asked:,} of {file.questions:,} questions can be asked; right: "
            f"{file.cosine:,} cosine, {file.euclidean:,} Euclidean on raw vectors{missing}"
        )
    for name, lines in results.malformed.items():
        yield f"{name}: {len(lines):,} malformed line(s) skipped; {lines[0]}"


def _of_questions(name: str, found: SetAnswers) -> str:
    """Return how many questions of a set can be asked, and the accuracy on the test half."""
    asked = f"{found.asked:,} of {name}'s {found.questions:,} questions can be asked"
    asked += f" ({found.asked / found.questions:.1%})"
    if not found.asked_test:
        return asked
    return (
        f"{asked}; right of {found.asked_test:,} in the test half: {in_full(found)} cosine, "
        f"{found.accuracy['euclidean'].test:.1%} Euclidean on raw vectors; {beside_rule(found.accuracy)}"
    )


if __name__ == "__main__":
    main()
