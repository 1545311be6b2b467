"""What a run found, in a few sentences made from its figures."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.page.perplexities import BASELINES, parts
from pipeline.page.results import Results
from pipeline.scores.wording import interval, relation
from pipeline.vectors.evaluation.choice import best_language_model, best_vectors
from pipeline.vectors.evaluation.suite import beside_rule, in_full
from pipeline.vectors.questions import BOOK

FEW_TOKENS = 10_000_000  # below it, more text is the best advice


def finding(results: Results) -> list[str]:
    """Return the main finding: a sentence or two on language models, and as many on word vectors.

    Vectors come first if no language model was trained.
    """
    told = [" ".join(_language_models(results)), " ".join(_vectors(results))]
    return [part for part in (told if results.language_models else reversed(told)) if part]


def limits(results: Results) -> str:
    """Return what the vocabulary leaves out of Google's questions and of the book's; empty without analogies."""
    reports = results.analogies
    best = best_vectors(results.rows("analogies", reports)) or next(iter(reports), "")
    return " ".join(_limits(best, reports[best])) if reports else ""


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
        row, its = results.compared["rows"].get(rival, {}), _perplexity(baselines[rival])
        few = "" if "ratio_low" in row else f" ({interval(row, 'ratio', '.2f') or 'not compared'})"
        told += f"; the best n-gram model ({BASELINES[rival]}) is {relation(row)} {best}, with {its}{few}"
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
    asked = f"{reports[best]['asked_test']:,} analogy questions"
    yield f"Of {asked}, the vectors of {best} answer {in_full(reports[best])} right."
    yield f"That is {beside_rule(reports[best]['accuracy'])}."


def _limits(name: str, report: Mapping[str, Any]) -> Iterator[str]:
    """Yield how many of Google's questions can be asked, and of the book's how many, or how many are right."""
    asked = f"{report['asked']:,} of Google's {report['questions']:,} analogy questions can be asked"
    yield f"{asked} with a vocabulary of {report['vocabulary_size']:,} words."
    for file in report["files"]:
        if file["name"] == BOOK and file["missing"]:
            words = ", ".join(f"“{word}”" for word in file["missing"])
            yield f"It lacks {words}, so only {file['asked']} of the book's {file['questions']} questions can be asked."
        elif file["name"] == BOOK:
            yield f"{name} answers {file['cosine']} of the book's {file['questions']} questions right."
