"""Stage, for each language model: what its vectors answer to the book's, Google's and the user's analogies."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.markdown import analogy_report, within
from pipeline.run.console import Metrics, say, stage
from pipeline.run.outputs import whole_file, write_json
from pipeline.run.tables import write_table
from pipeline.settings import load_params
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.questions import listed, question_files
from pipeline.vectors.space import DISTANCES


@stage
def main(
    name: str, embeddings: Path, questions: Path, json_report: Path, markdown_report: Path, table: Path
) -> Metrics:
    """Ask the vectors in EMBEDDINGS Google's analogies and the files in QUESTIONS; write both reports and a TABLE."""
    params = load_params().analogies
    files = list(question_files(questions))
    results = evaluate(read_embeddings(embeddings), files, params)
    write_json(json_report, results)
    with whole_file(markdown_report) as file:
        file.write_text(analogy_report(name, results), encoding="utf-8")
    write_table(table, list(by_section(results)))
    metrics = figures(results)
    for line in summary(results, metrics):
        say(f"{name}: {line}")
    return metrics


def by_section(results: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """For each section how many questions were asked, and the share right: 0 where none could be, as in the figures."""
    for name, section in results["sections"].items():
        asked = section["asked"]
        yield {"section": name, "asked": asked, "cosine": section["cosine"] / asked if asked else 0.0}


def figures(results: dict[str, Any]) -> Metrics:
    """The figures of a report as one flat object: shares of the questions asked, 0 where none could be."""
    metrics: Metrics = {
        "vocabulary_size": results["vocabulary_size"],
        "dimensions": results["dimensions"],
        "google_questions": results["questions"],
        "asked": results["asked"],
        "asked_semantic": results["asked_semantic"],
        "asked_syntactic": results["asked_syntactic"],
        "coverage": results["asked"] / results["questions"],
    }
    for distance in DISTANCES:
        metrics |= {f"{distance}_{kind}": value for kind, value in results["accuracy"][distance].items()}
    metrics["euclidean_raw_total"] = results["accuracy"]["euclidean_raw"]["total"]
    metrics["cosine_top5"] = results["accuracy"]["cosine_top5"]["total"]
    metrics["cosine_mul_total"] = results["accuracy"]["cosine_mul"]["total"]
    for row in results["compared"]:
        if row["scale"] == "centred":
            metrics[f"{row['vectors']}_centred_total"] = row["cosine"]
    metrics |= {"random_total": results["random"], "frequent_total": results["frequent"]}
    for name, found in results["similarity"].items():
        metrics |= {
            name: found["spearman"],
            f"{name}_p": found["p"],
            f"{name}_coverage": found["known"] / found["pairs"],
        }
    for file in results["files"]:
        stem = Path(file["name"]).stem
        metrics |= {f"{stem}_questions": file["questions"], f"{stem}_asked": file["asked"]}
        metrics |= {f"{stem}_right_{distance}": file[distance] for distance in (*DISTANCES, "euclidean_raw")}
    return metrics


def summary(results: dict[str, Any], metrics: Metrics) -> Iterator[str]:
    """The few lines that a run prints: what was asked and right, and what was left out."""
    right = f"{metrics['cosine_total']:.1%} cosine, {metrics['euclidean_raw_total']:.1%} Euclidean on raw vectors"
    if results["restrict"]:
        yield f"asked {within(results)} only (analogies.restrict)"
    yield (
        f"{results['vocabulary_size']:,} words can be asked {results['asked']:,} of {results['questions']:,} Google "
        f"questions ({metrics['coverage']:.1%})"
        f"{f'; right: {right}' if results['asked'] else ''}"
    )
    for file in results["files"]:
        missing = f"; not {within(results)}: {listed(file['missing'])}" if file["missing"] else ""
        yield (
            f"{file['name']}: {file['asked']:,} of {file['questions']:,} questions can be asked; right: "
            f"{file['cosine']:,} cosine, {file['euclidean_raw']:,} Euclidean on raw vectors{missing}"
        )
        if file["malformed"]:
            yield f"{file['name']}: {len(file['malformed']):,} malformed line(s) left out; {file['malformed'][0]}"


if __name__ == "__main__":
    main()
