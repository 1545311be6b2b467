"""What a run found: a sentence or two for each section of the page, made from its figures."""

from collections.abc import Iterator

from pipeline.page.classification import CLASSIFIER_LABELS
from pipeline.page.perplexities import NGRAM_LABELS, blend
from pipeline.page.results import Results
from pipeline.records.experiments import ClassificationReport, ParityReport
from pipeline.records.grammar import GrammarReport
from pipeline.scores.wording import interval, measure_of, reached, relation
from pipeline.vectors.evaluation.choice import best_language_model, best_vectors
from pipeline.vectors.evaluation.wording import SPEARMAN, as_text, beside_rule, in_full, shown_interval, standing

FEW_TOKENS = 10_000_000  # below it, more text is the best advice


def findings(results: Results) -> dict[str, str]:
    """Return what each section of the page says before it is opened."""
    told = {
        "models": _language_models(results),
        "grammar": _grammar(results),
        "analogies": _vectors(results),
        "sets": _sets(results),
        "frequencies": _text(results),
        "stages": _pages(results),
        "parity": _parity(results),
        "verse": _verse(results),
    }
    return {section: " ".join(sentences) for section, sentences in told.items()}


def wants_more_text(results: Results) -> bool:
    """Return whether the run read so little text that a longer one is what to try next."""
    return bool(0 < results.figures("index").get("tokens", 0) < FEW_TOKENS) and results.kind.has_vectors


def _language_models(results: Results) -> Iterator[str]:
    models, baselines = results.language_models, results.rows("baselines", NGRAM_LABELS)
    best, rival = best_language_model(models), best_language_model(baselines)
    if not best:
        if rival:
            told = f"the best n-gram model ({NGRAM_LABELS[rival]}) is {reached(baselines[rival], 'test')}"
            yield f"The test {measure_of(baselines[rival])} of {told}; no recurrent language model was trained."
        return
    told = f"The test {measure_of(models[best])} of {best} is {reached(models[best], 'test')}"
    if rival:
        row, its = results.compared.rows.get(rival, {}), reached(baselines[rival], "test")
        told += f"; the best n-gram model ({NGRAM_LABELS[rival]}) "
        few = interval(row, "ratio", ".2f") or "not compared"
        told += f"is {relation(row)} {best}, with {its}" if "ratio_low" in row else f"has {its} ({few})"
    weights = results.compared.weights
    mixtures = {name: results.compared.rows[name] for name in weights}
    if mixed := best_language_model(mixtures):
        told += f"; a mixture, {blend(weights[mixed])[0]}, reaches {reached(mixtures[mixed], 'test')}"
    yield f"{told}."


def _grammar(results: Results) -> Iterator[str]:
    report, best = GrammarReport.read_if_there(results.data / "reports/grammar.json"), results.compared.best
    for name, own in report.sets.items() if report else ():
        if best in own.models:
            found = own.models[best]
            told = [f"{standing(lead.low, lead.high)} the {other}" for other, lead in found.leads.items()]
            yield f"{name}: {best} is right in {found.accuracy:.1%}, {', '.join(told)}."


def _vectors(results: Results) -> Iterator[str]:
    reports = results.analogies
    best = best_vectors(results.rows("analogies", reports))
    if not best or not reports[best].asked_test:
        if reports:
            yield "The word vectors cannot be judged by analogies: no question of the test half can be asked."
        return
    asked = f"{reports[best].asked_test:,} analogy questions"
    yield f"Of {asked}, the vectors of {best} answer {in_full(reports[best])} right."
    yield f"That is {beside_rule(reports[best].accuracy)}."


def _sets(results: Results) -> Iterator[str]:
    best = best_vectors(results.rows("analogies", results.analogies))
    rows = results.analogies[best].suite if best else ()
    rated = [row for row in rows if row.figure == SPEARMAN and row.value is not None]
    if told := "; ".join(f"{row.set} {as_text(row)} ({shown_interval(row)})" for row in rated):
        yield f"Rank correlation of {best}'s cosines with people's judgements: {told}."


def _text(results: Results) -> Iterator[str]:
    if known := results.vocabulary:
        found = known.frequencies
        yield f"Distinct words in training: {found.distinct:,}; of these, met but once: {found.once:,}."


def _pages(results: Results) -> Iterator[str]:
    if stats := results.articles:
        lost = f"; lost to errors: {len(stats.failed):,}" if stats.failed else ""
        yield f"{stats.kept:,} of {stats.pages:,} pages became articles of prose{lost}."


def _parity(results: Results) -> Iterator[str]:
    if report := ParityReport.read_if_there(results.data / "reports/parity.json"):
        nets = report.nets.values()
        longer = [net.longest_exact for net in nets if net.longest_exact is not None]
        exact = longer.count(report.seeds)
        solved = sum(net.solved == report.seeds for net in nets)
        yield f"{solved} of {len(nets)} kinds of nets learn it from every seed."
        yield f"{exact} of {len(longer)} recurrent ones are then exact at {report.longest} bits, too."


def _verse(results: Results) -> Iterator[str]:
    if report := ClassificationReport.read_if_there(results.data / "reports/poetry_classification.json"):
        how = standing(report.comparison.low, report.comparison.high)
        right, best = f"{report.classifiers['recurrent'].accuracy:.1%}", CLASSIFIER_LABELS[report.comparison.baseline]
        yield f"From tags a recurrent net names the poet of {right} of the lines, {how} {best}."
