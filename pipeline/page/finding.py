"""What a run found, in a few sentences made from its figures."""

from collections.abc import Iterator
from typing import Any

from pipeline.evaluation.choice import best_language_model, best_vectors
from pipeline.page.models import BASELINES, parts
from pipeline.page.results import Results
from pipeline.vectors.questions import BOOK

FEW_TOKENS = 10_000_000  # below it, more text is the best advice
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def finding(results: Results) -> list[str]:
    """Return the main finding, a sentence or two on each subject that the run has figures of."""
    return [*_language_models(results), *_vectors(results), *_book(results)]


def wants_more_text(results: Results) -> bool:
    """Return whether the run read so little text that a longer one is what to try next."""
    return 0 < results.figures("index").get("tokens", 0) < FEW_TOKENS


def _language_models(results: Results) -> Iterator[str]:
    models, baselines = results.language_models, results.rows("baselines", BASELINES)
    best, rival = best_language_model(models), best_language_model(baselines)
    compared = results.json("reports/perplexities.json") or {"rows": {}, "weights": {}}
    mixtures = {name: compared["rows"][name] for name in compared["weights"]}
    if not best:
        if rival:
            told = (
                f"the best n-gram model, {BASELINES[rival]}, has a test perplexity of {_perplexity(baselines[rival])}"
            )
            yield f"No recurrent language model was trained; {told}."
        return
    told = f"The test perplexity of {best}"
    told += f", the best of {_count(len(models))} language models," if len(models) > 1 else ""
    told += f" is {_perplexity(models[best])}"
    if rival:
        row = compared["rows"].get(rival, {})
        ratio = baselines[rival]["test_perplexity"] / models[best]["test_perplexity"]
        low, high = row.get("ratio_low", ratio), row.get("ratio_high", ratio)
        relation = "below" if low > 1 else "above" if high < 1 else "which this text cannot tell apart from"
        told += f", {relation} the {_perplexity(baselines[rival])} of the best n-gram model ({BASELINES[rival]})"
    yield f"{told}."
    if mixed := best_language_model(mixtures):
        yield f"Mixed ({parts(compared['weights'][mixed])[0]}), they reach {_perplexity(mixtures[mixed])}."


def _perplexity(figures: Any) -> str:
    return f"{figures['test_perplexity']:,.1f}"


def _vectors(results: Results) -> Iterator[str]:
    if not (reports := results.analogies):
        return
    any_report = next(iter(reports.values()))
    coverage = f"{any_report['asked']:,} of Google's {any_report['questions']:,} analogy questions"
    best = best_vectors(results.rows("analogies", reports))
    if not any_report["asked"] or not best:
        words = f"{any_report['vocabulary_size']:,} words"
        yield f"None of Google's analogy questions can be asked: this run's {words} do not hold all words of any."
        return
    report = reports[best]
    cosine, baseline = report["accuracy"]["cosine"], report["accuracy"]["frequent"]["test"]
    if not report["asked_test"]:
        yield f"Only {coverage} can be asked, none of them in the test half."
        return
    told = f"{cosine['test']:.1%} of them right ({cosine['test_low']:.1%} to {cosine['test_high']:.1%})"
    told = f"On the {report['asked_test']:,} of the test half that can be asked, {best}'s vectors give {told}"
    frequent = f"always giving a section's most frequent answer ({baseline:.1%})"
    if cosine["test_low"] > baseline:
        others = _others(reports, best, baseline)
        yield f"{told}; that beats {frequent}{others}. This vocabulary allows {coverage}."
    elif cosine["test_high"] < baseline:
        yield f"{told}; that is worse than {frequent}. This vocabulary allows {coverage}."
    else:
        subject = "no model is" if len(reports) > 1 else f"{best} is not"
        yield f"On analogies {subject} shown to beat {frequent}. {told}. This vocabulary allows {coverage}."


def _others(reports: Any, best: str, baseline: float) -> str:
    """What is said of the models other than the best: how many of them beat the baseline, too."""
    if not (others := [report for name, report in reports.items() if name != best]):
        return ""
    better = sum(report["asked_test"] and report["accuracy"]["cosine"]["test_low"] > baseline for report in others)
    return f", as {_count(better)} of the other {_count(len(others))} models {'does' if better < 2 else 'do'}"


def _count(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def _book(results: Results) -> Iterator[str]:
    """The words of the book's questions that the run does not know, or how many of them its best model answers."""
    if not (reports := results.analogies):
        return
    best = best_vectors(results.rows("analogies", reports)) or next(iter(reports))
    for file in reports[best]["files"]:
        if file["name"] == BOOK:
            if file["missing"]:
                words = [f"“{word}”" for word in file["missing"]]
                told = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
                verb, lost = ("is", "are")[len(words) > 1], file["questions"] - file["asked"]
                asked = f"{_count(lost)} of the book's {_count(file['questions'])} questions cannot be asked"
                yield f"{told} {verb} not in this vocabulary, so {asked}."
            else:
                yield f"{best} answers {_count(file['cosine'])} of the book's {_count(file['questions'])} questions."
