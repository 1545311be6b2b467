"""The analogy report of one model, as Markdown."""

from collections.abc import Iterable, Iterator
from typing import Any


def analogy_report(name: str, results: dict[str, Any]) -> str:
    """Lay out what `pipeline.analogies.evaluate` found."""
    return "\n".join(
        [
            f"# Analogies of `{name}`",
            "",
            *_summary(results),
            *_book(results),
            *_sections(results),
            *_neighbours(results),
        ]
    )


def _summary(results: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{results['vocabulary_size']:,} words, {results['dimensions']} dimensions. "
        f"{results['asked']:,} of Google's {results['questions']:,} questions have all four words in the "
        f"vocabulary ({results['asked'] / results['questions']:.1%}); accuracy is over these alone. "
        "A small vocabulary asks only about frequent words, which flatters the accuracy."
    )
    yield ""


def _book(results: dict[str, Any]) -> Iterator[str]:
    yield from ("## The book's four", "")
    rows = []
    for question in results["book"]:
        analogy = f"{question['b']} - {question['a']} + {question['c']}"
        if "missing" in question:
            answers = [f"not asked: no {', '.join(question['missing'])}"] * 2
        else:
            answers = [f"{question[d]['word']} ({question[d]['distance']:.2f})" for d in ("cosine", "euclidean")]
        rows.append([analogy, question["answer"], *answers])
    yield from _table(["analogy", "expected", "cosine (distance)", "Euclidean (distance)"], rows)


def _sections(results: dict[str, Any]) -> Iterator[str]:
    yield from ("## Google's questions by section", "")
    rows = [
        [
            name,
            f"{s['asked']:,} of {s['questions']:,}",
            _share(s["cosine"], s["asked"]),
            _share(s["euclidean"], s["asked"]),
        ]
        for name, s in results["sections"].items()
    ]
    yield from _table(["section", "asked", "right, cosine", "right, Euclidean"], rows)


def _neighbours(results: dict[str, Any]) -> Iterator[str]:
    yield from ("## Nearest words by cosine", "")
    for word, neighbours in results["neighbours"].items():
        yield f"- **{word}**: " + ", ".join(f"{other} {distance:.2f}" for other, distance in neighbours)
    yield ""


def _share(right: int, asked: int) -> str:
    return f"{right / asked:.1%}" if asked else "-"


def _table(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for row in (header, ["---"] * len(header), *rows):
        yield f"| {' | '.join(row)} |"
    yield ""
