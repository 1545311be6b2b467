"""What a run found, in a few sentences made from its figures."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.page.perplexities import BASELINES, parts
from pipeline.page.results import Results
from pipeline.vectors.evaluation.choice import best_language_model, best_vectors
from pipeline.vectors.evaluation.suite import TRIVIAL, better_trivial_rule
from pipeline.vectors.questions import BOOK

FEW_TOKENS = 10_000_000  # below it, more text is the best advice
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def finding(results: Results) -> list[str]:
    """Return the main finding: a sentence or two on language models, and as many on word vectors.

    Vectors come first if no language model was trained.
    """
    told = [" ".join(_language_models(results)), " ".join(_vectors(results))]
    return [part for part in (told if results.language_models else reversed(told)) if part]


def limits(results: Results) -> str:
    """Return what the vocabulary leaves out of Google's questions and of the book's; empty without analogies."""
    return " ".join([*_coverage(results), *_book(results)])


def wants_more_text(results: Results) -> bool:
    """Return whether the run read so little text that a longer one is what to try next."""
    return bool(0 < results.figures("index").get("tokens", 0) < FEW_TOKENS)


def _language_models(results: Results) -> Iterator[str]:
    models, baselines = results.language_models, results.rows("baselines", BASELINES)
    best, rival = best_language_model(models), best_language_model(baselines)
    if not best:
        if rival:
            told = f"the best n-gram model ({BASELINES[rival]}) is {_perplexity(baselines[rival])}"
            yield f"The test perplexity of {told}; no recurrent language model was trained."
        return
    told = f"The test perplexity of {best} is {_perplexity(models[best])}"
    if rival:
        row = results.compared["rows"].get(rival, {})
        low, high = row.get("ratio_low", 1), row.get("ratio_high", 1)  # equal where the test split is one article
        sure = low < high
        relation = (
            "better than" if sure and low > 1 else "worse than" if sure and high < 1 else "not shown to differ from"
        )
        told += f", {relation} the {_perplexity(baselines[rival])} of the best n-gram model ({BASELINES[rival]})"
    weights = results.compared["weights"]
    mixtures = {name: results.compared["rows"][name] for name in weights}
    if mixed := best_language_model(mixtures):
        told += f"; a mixture, {parts(weights[mixed])[0]}, reaches {_perplexity(mixtures[mixed])}"
    yield f"{told}."


def _perplexity(figures: Mapping[str, Any]) -> str:
    return f"{figures['test_perplexity']:,.1f}"


def _vectors(results: Results) -> Iterator[str]:
    reports = results.analogies
    best = best_vectors(results.rows("analogies", reports))
    if not best or not reports[best]["asked_test"]:
        if reports:
            yield "The word vectors cannot be judged by analogies: no question of the test half can be asked."
        return
    cosine, (rule, baseline) = reports[best]["accuracy"]["cosine"], better_trivial_rule(reports[best]["accuracy"])
    told = f"{TRIVIAL[rule]} ({baseline:.1%})"
    yield (
        f"The vectors of {best} answer {cosine['test']:.1%} of {reports[best]['asked_test']:,} analogy questions right "
        f"({cosine['test_low']:.1%} to {cosine['test_high']:.1%})."
    )
    better = [name for name, report in reports.items() if _beats_baseline(report)]
    if best in better:
        yield f"That beats {told}{_others(len(better) - 1) if len(reports) > 1 else ''}."
    elif better:
        yield f"That is not shown to beat {told}; {' and '.join(better)} {'beat' if better[1:] else 'beats'} it."
    elif cosine["test_high"] < baseline:
        yield f"That is worse than {told}."
    else:
        subject = "No model is" if len(reports) > 1 else "That is not"
        yield f"{subject} shown to beat {told}."


def _beats_baseline(report: Mapping[str, Any]) -> bool:
    """Whether the whole interval of a model's accuracy on the test half is above the baseline."""
    _, baseline = better_trivial_rule(report["accuracy"])
    return bool(report["asked_test"]) and bool(report["accuracy"]["cosine"]["test_low"] > baseline)


def _others(number: int) -> str:
    """Say how many other models do so, too."""
    if not number:
        return "; no other model does"
    return "; so does one other model" if number == 1 else f"; so do {_count(number)} other models"


def _count(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def _coverage(results: Results) -> Iterator[str]:
    for report in [*results.analogies.values()][:1]:
        asked = f"{report['asked']:,} of Google's {report['questions']:,} analogy questions can be asked"
        yield f"{asked} with a vocabulary of {report['vocabulary_size']:,} words."


def _book(results: Results) -> Iterator[str]:
    """The words of the book's questions that the vocabulary lacks, or how many the best model answers."""
    reports = results.analogies
    best = best_vectors(results.rows("analogies", reports)) or next(iter(reports), "")
    for file in reports[best]["files"] if reports else ():
        if file["name"] == BOOK and file["missing"]:
            *words, last = (f"“{word}”" for word in file["missing"])
            told = f"{', '.join(words)} and {last} are" if words else f"{last} is"
            lost = f"{_count(file['questions'] - file['asked'])} of the book's {_count(file['questions'])} questions"
            yield f"{told} not in it, so {lost} cannot be asked."
        elif file["name"] == BOOK:
            yield f"{best} answers {_count(file['cosine'])} of the book's {_count(file['questions'])} questions right."
