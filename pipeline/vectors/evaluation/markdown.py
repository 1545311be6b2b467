"""The analogy report of one model, as Markdown."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.vectors.evaluation.answered import spread
from pipeline.vectors.evaluation.suite import METHODS, shown, shown_interval
from pipeline.vectors.questions import BOOK, listed

SIGNS = re.compile(r"[\\`*<|~]|_(?![^\W_])|(?<![^\W_])_")  # `_` means nothing between letters, as in new_york


def analogy_report(name: str, results: dict[str, Any]) -> str:
    """Return the result of `pipeline.vectors.evaluation.evaluate.evaluate` as Markdown."""
    parts = (_summary, _suite, _accuracy, _files, _sections, _examples, _bats, _compared, _neighbours, _skipped)
    found = _escaped(results)
    return "\n".join([f"# Analogies of `{name}`", "", *(line for part in parts for line in part(found))])


def _escaped(content: Any) -> Any:
    """Return results in which Markdown's signs in words and names are escaped, at any depth."""
    if isinstance(content, str):
        return SIGNS.sub(r"\\\g<0>", content)
    if isinstance(content, dict):  # its keys are words, too, or names that have no such signs
        return {_escaped(key): _escaped(value) for key, value in content.items()}
    return [*map(_escaped, content)] if isinstance(content, list | tuple) else content


def _vectors(results: Mapping[str, Any]) -> str:
    """Return a description of the vectors: `input and output vectors side by side, centred, 256 values`."""
    kind = {"both": "input and output vectors side by side"}.get(results["vectors"], f"{results['vectors']} vectors")
    scales = {"raw": "as trained", "unit": "at unit length", "spelled": "centred, with what their spelling predicts"}
    scale = scales.get(results["scale"], results["scale"])
    return f"{kind}, {scale}, {results['dimensions']:,} values"


def within(results: Mapping[str, Any]) -> str:
    """Return the words that could be asked: `in the vocabulary`, or `among the first 300 words`."""
    return f"among the first {results['restrict']:,} words" if results["restrict"] else "in the vocabulary"


def _summary(results: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{results['vocabulary_size']:,} words; {_vectors(results)}. "
        f"{results['asked']:,} of Google's {results['questions']:,} questions have all four words {within(results)} "
        f"({results['asked'] / results['questions']:.1%}); accuracy is over these alone. "
        "A small vocabulary asks only about frequent words, which flatters the accuracy."
    )
    yield ""


def _suite(results: dict[str, Any]) -> Iterator[str]:
    yield from ("## Every evaluation set", "", _RULE, "")
    rows = [
        [
            row["set"],
            row["figure"],
            f"{row['asked']:,} of {row['of']:,}",
            shown(row),
            shown_interval(row) or "-",
            shown(row, "baseline"),
        ]
        for row in results["suite"]
    ]
    rows.append(["macro-average", "", "", f"{results['macro_average']:.1f}", "", ""])
    yield from _table(["set", "figure", f"asked, {within(results)}", "result", "95% interval", "baseline"], rows)
    parts = [f"{s['name']} in {s['part_of']}" for s in results["similarity"].values() if s["part_of"]]
    if parts:
        yield from (f"Left out of the macro-average, because another set has the same pairs: {', '.join(parts)}.", "")


_RULE = (
    "Accuracy on analogies is measured on the test half; the baseline is the better of two: always giving the "
    "section's most frequent answer, and spelling alone. Intervals of accuracy are Wilson's; questions share words, "
    "so they are too narrow. Similarity: Spearman's rank correlation of cosines and judgements, its interval by "
    "Fisher's z. Purity: of k-means clusters, the mean of ten runs; its interval is Wilson's, its baseline the purity "
    "with shuffled categories. The macro-average is the mean, in percent, of the accuracy by 3CosAdd, the correlation "
    "and the purity of every set of which something is known."
)


def _accuracy(results: dict[str, Any]) -> Iterator[str]:
    labels = {
        "cosine": "cosine (3CosAdd)",
        "cosine_top5": "cosine, among the five best",
        "cosine_mul": "cosine (3CosMul)",
        "pair_direction": "cosine of the differences (PairDirection)",
        "euclidean": "Euclidean",
        "euclidean_raw": "Euclidean, on raw vectors",
        "euclidean_raw_top5": "Euclidean, on raw vectors, among the five best",
        "spelling": "spelling alone, cosine",
        "frequent": "the section's most frequent answer",
    }
    asked = {part: results[f"asked_{part}"] for part in _PARTS} | {"total": results["asked"]}
    rows = [["questions asked", *(f"{number:,}" for number in asked.values())]]
    for figure, label in labels.items():
        found = results["accuracy"][figure]
        rows.append([label, *(f"{found[part]:.1%}" if asked[part] else "-" for part in asked)])
    yield from ("## Google's questions", "", _EUCLIDEAN, "", _HALVES, "")
    yield from _table(["right", *_PARTS.values(), "both halves"], rows)


_PARTS = {
    "test": "test half",
    "test_semantic": "semantic",
    "test_syntactic": "syntactic",
    "development": "development half",
}
_HALVES = (
    "The best model is chosen by the development half of the questions; the test half, also by kind of question, shows "
    "how good it is."
)

_EUCLIDEAN = (
    "At unit length, and so centred, Euclidean distance orders words as the cosine does. "
    "It is another measure on raw vectors only, as they were trained."
)


def _files(results: dict[str, Any]) -> Iterator[str]:
    for file in results["files"]:
        yield from (f"## {'The book' if file['name'] == BOOK else file['name']}", "")
        yield (
            f"{file['asked']:,} of {file['questions']:,} question(s) can be asked; right: {file['cosine']:,} by cosine "
            f"({file['cosine_top5']:,} among the five best), {file['euclidean_raw']:,} by Euclidean distance on raw "
            f"vectors ({file['euclidean_raw_top5']:,})."
        )
        yield ""
        rows = []
        for question in file["spelled"]:
            analogy = f"{question['b']} - {question['a']} + {question['c']}"
            if "missing" in question:
                answers = [f"not asked: no {', '.join(question['missing'])}"] * 2
            else:
                answers = [_answers(question[d], question["answers"]) for d in ("cosine", "euclidean_raw")]
            rows.append([analogy, " or ".join(question["answers"]), *answers])
        yield from _table(["analogy", "expected", "by cosine", "by Euclidean distance, raw"], rows)
        if len(file["spelled"]) < file["questions"]:
            yield from (f"The first {len(file['spelled']):,} questions; the others are counted above.", "")


def _answers(found: list[tuple[str, float]], right: list[str]) -> str:
    """Return the best answers with their cosines or distances, right answers in bold."""
    return ", ".join(f"**{word}** {value:.2f}" if word in right else f"{word} {value:.2f}" for word, value in found)


def _sections(results: dict[str, Any]) -> Iterator[str]:
    yield from ("## Google's questions by section, both halves", "")
    figures = {
        "cosine": "cosine",
        "cosine_top5": "cosine, five best",
        "cosine_mul": "3CosMul",
        "pair_direction": "PairDirection",
        "euclidean": "Euclidean",
        "euclidean_raw": "Euclidean, raw",
    }
    yield from _by_section(results["sections"], "section", figures)


def _bats(results: dict[str, Any]) -> Iterator[str]:
    if found := results["bats"]:
        yield from ("## BATS by relation, both halves", "")
        yield from _by_section(found["sections"], "relation", METHODS)


def _by_section(sections: dict[str, Any], label: str, figures: dict[str, str]) -> Iterator[str]:
    """Return a table of the accuracy by section, with the trivial baselines."""
    figures = figures | {"spelling": "spelling alone", "frequent": "most frequent answer"}
    rows = [
        [name, f"{s['asked']:,} of {s['questions']:,}", *(_share(s[figure], s["asked"]) for figure in figures)]
        for name, s in sections.items()
    ]
    yield from _table([label, "asked", *figures.values()], rows)


def _examples(results: dict[str, Any]) -> Iterator[str]:
    if not results["answers"]:
        return
    yield from ("## Right and wrong answers by section, by cosine", "")
    for name, answers in results["answers"].items():
        right = [_analogy(q) for q in answers if q["right"]]
        wrong = [f"{_analogy(q)}, not {q['top5'][0]}" for q in answers if not q["right"]]
        yield f"- {name}, {len(right):,} of {len(answers):,} right"
        for label, each in (("right", right), ("wrong", wrong)):
            if each:
                yield f"  - {label}: {'; '.join(spread(each))}"
    yield ""


def _analogy(question: Mapping[str, Any]) -> str:
    return f"{question['b']} - {question['a']} + {question['c']} = {question['expected']}"


def _compared(results: dict[str, Any]) -> Iterator[str]:
    yield from ("## What else the model's vectors give", "")
    yield (
        f"Google's questions answered right, of the {results['asked_development']:,} asked in the development half, "
        "which is for choosing. Vectors side by side have the values of both, and raw they weigh by their lengths. "
        "Cosines of one matrix do not depend on length, so raw and unit agree. Euclidean distance is on raw vectors: "
        "on the others it would order words as the cosine does."
    )
    yield ""
    rows = [
        [r["vectors"], r["scale"], f"{r['dimensions']:,}", *(f"{r[m]:.1%}" if m in r else "" for m in _METHODS)]
        for r in results["compared"]
    ]
    yield from _table(["vectors", "scale", "values", *_METHODS.values()], rows)


_METHODS = {"cosine": "cosine", "cosine_mul": "3CosMul", "euclidean": "Euclidean"}


def _neighbours(results: dict[str, Any]) -> Iterator[str]:
    yield from ("## Nearest words by cosine", "")
    for word, neighbours in results["neighbours"].items():
        yield f"- **{word}**: " + ", ".join(f"{other} {cosine:.2f}" for other, cosine in neighbours)
    yield ""


def _skipped(results: dict[str, Any]) -> Iterator[str]:
    yield from ("## What was not asked", "")
    skipped = results["questions"] - results["asked"]
    yield f"- Google: {skipped:,} questions, for {len(results['missing']):,} words that are not {within(results)}" + (
        f"; those of most questions: {listed(results['missing'])}" if skipped else ""
    )
    for file in results["files"]:
        if file["missing"]:
            skipped = file["questions"] - file["asked"]
            yield f"- {file['name']}: {skipped:,} question(s), for want of {listed(file['missing'])}"
        yield from (f"- left out: {line}" for line in file["malformed"])
    for name, malformed in results["malformed"].items():
        yield from (f"- {name}, left out: {line}" for line in malformed)
    yield ""


def _share(right: int, asked: int) -> str:
    return f"{right / asked:.1%}" if asked else "-"


def _table(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for row in (header, ["---"] * len(header), *rows):
        yield f"| {' | '.join(row)} |"
    yield ""
