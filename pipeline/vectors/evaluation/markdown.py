"""The analogy report of one model, as Markdown."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.vectors.evaluation.answered import spread
from pipeline.vectors.evaluation.suite import beside_rule, in_full, shown, shown_interval
from pipeline.vectors.evaluation.trivial import TRIVIAL
from pipeline.vectors.questions import BOOK, listed

SIGNS = re.compile(r"[\\`*<|~]|_(?![^\W_])|(?<![^\W_])_")  # `_` means nothing between letters, as in new_york
RULE = (
    f"Accuracy on analogies is measured on the test half: both word pairs of a question are in it. The baseline is the "
    f"best of {len(TRIVIAL)} rules: {', '.join(TRIVIAL.values())}. Intervals of accuracy come from drawing the word "
    "pairs anew. Similarity: Spearman's rank correlation of cosines and judgements, its interval by Fisher's z."
)


def analogy_report(name: str, results: dict[str, Any]) -> str:
    """Return the result of `pipeline.vectors.evaluation.evaluate.evaluate` as Markdown."""
    parts = (_summary, _suite, _files, _sections, _examples, _skipped)
    found = _escaped(results)
    return "\n".join([f"# Analogies of `{name}`", "", *(line for part in parts for line in part(found))])


def _escaped(content: Any) -> Any:
    """Return results in which Markdown's signs in words and names are escaped, at any depth."""
    if isinstance(content, str):
        return SIGNS.sub(r"\\\g<0>", content)
    if isinstance(content, dict):  # its keys are words, too, or names that have no such signs
        return {_escaped(key): _escaped(value) for key, value in content.items()}
    return [*map(_escaped, content)] if isinstance(content, list | tuple) else content


def _summary(results: dict[str, Any]) -> Iterator[str]:
    kind = "input and output vectors side by side" if results["vectors"] == "both" else f"{results['vectors']} vectors"
    yield (
        f"{results['vocabulary_size']:,} words; {results['scale']} {kind}, {results['dimensions']:,} values. "
        f"{results['asked']:,} of Google's {results['questions']:,} questions have all four words in the vocabulary "
        f"({results['asked'] / results['questions']:.1%}); accuracy is over these alone. "
        "A small vocabulary asks only about frequent words, which flatters the accuracy."
    )
    yield ""


def _suite(results: dict[str, Any]) -> Iterator[str]:
    yield from ("## Every evaluation set", "", RULE, "")
    rows = [
        [row["set"], row["figure"], _of(row, "of"), shown(row), shown_interval(row) or "-", shown(row, "baseline")]
        for row in results["suite"]
    ]
    yield from _table(["set", "figure", "asked, in the vocabulary", "result", "95% interval", "baseline"], rows)
    for name, found in (("Google", results), ("BATS", results["bats"])):
        if found and found["asked_test"]:
            yield from (f"{name}: {in_full(found)} is {beside_rule(found['accuracy'])}.", "")


def _files(results: dict[str, Any]) -> Iterator[str]:
    for file in results["files"]:
        yield from (f"## {'The book' if file['name'] == BOOK else file['name']}", "")
        yield (
            f"{_of(file)} question(s) can be asked; right: {file['cosine']:,} by cosine, {file['euclidean']:,} by "
            "Euclidean distance on raw vectors."
        )
        yield ""
        rows = []
        for question in file["shown"]:
            answers = [f"not asked: no {', '.join(question['missing'])}"] * 2 if "missing" in question else []
            answers = answers or [_answers(question[d], question["answers"]) for d in ("cosine", "euclidean")]
            rows.append([_sum(question), " or ".join(question["answers"]), *answers])
        yield from _table(["analogy", "expected", "by cosine", "by Euclidean distance, raw"], rows)
        if len(file["shown"]) < file["questions"]:
            yield from (f"The first {len(file['shown']):,} questions; the others are counted above.", "")


def _answers(found: list[tuple[str, float]], right: list[str]) -> str:
    """Return the best answers with their cosines or distances, right answers in bold."""
    return ", ".join(f"**{word}** {value:.2f}" if word in right else f"{word} {value:.2f}" for word, value in found)


def _sections(results: dict[str, Any]) -> Iterator[str]:
    """Yield tables of the accuracy by section of Google's questions and by relation of BATS, with the baselines."""
    columns = {"cosine": "cosine", "euclidean": "Euclidean, raw"}
    columns |= {"frequent": "most frequent answer", "third": "nearest to the third", "affixes": "affixes"}
    for name, found in (("Google", results), ("BATS", results["bats"])):
        if found:
            yield from (f"## {name} by section, both halves", "")
            rows = [
                [section, _of(own), *(f"{own[key] / own['asked']:.1%}" if own["asked"] else "-" for key in columns)]
                for section, own in found["sections"].items()
            ]
            yield from _table(["section", "asked", *columns.values()], rows)


def _examples(results: dict[str, Any]) -> Iterator[str]:
    if not results["answers"]:
        return
    yield from ("## Right and wrong answers by section, by cosine", "")
    for name, answers in results["answers"].items():
        right = [f"{_sum(q)} = {q['expected']}" for q in answers if q["right"]]
        wrong = [f"{_sum(q)} = {q['expected']}, not {q['top5'][0]}" for q in answers if not q["right"]]
        yield f"- {name}, {len(right):,} of {len(answers):,} right"
        for label, each in (("right", right), ("wrong", wrong)):
            if each:
                yield f"  - {label}: {'; '.join(spread(each))}"
    yield ""


def _skipped(results: dict[str, Any]) -> Iterator[str]:
    yield from ("## What was not asked", "")
    for file in [{"name": "Google", **results}, *results["files"]]:
        if file["missing"]:
            skipped, words = file["questions"] - file["asked"], file["missing"]
            yield f"- {file['name']}: {skipped:,} question(s), for {len(words):,} missing word(s): {listed(words)}"
    yield from (f"- {name}, left out: {line}" for name, lines in results["malformed"].items() for line in lines)
    yield ""


def _of(found: Mapping[str, Any], whole: str = "questions") -> str:
    return f"{found['asked']:,} of {found[whole]:,}"


def _sum(question: Mapping[str, Any]) -> str:
    return f"{question['b']} - {question['a']} + {question['c']}"


def _table(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for row in (header, ["---"] * len(header), *rows):
        yield f"| {' | '.join(row)} |"
    yield ""
