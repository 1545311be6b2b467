"""The page's section on the pipeline: its picture, its table, and what became of every page of the dump."""

from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Any


def section(
    metrics: Mapping[str, Any],
    names: Sequence[str],
    extracted: Mapping[str, Any] | None,
    manifest: Mapping[str, Any] | None,
) -> dict[str, Any] | None:
    """What `pipeline.html` shows of the stages that ran, for the models `names`."""
    rows = list(stage_rows(metrics, names))
    if not rows and not extracted and not manifest:
        return None
    return {
        "flow": list(main_flow(metrics, names)),
        "beside": list(side_flow(metrics)),
        "stages": rows,
        "pages": pages_table(extracted) if extracted else None,
        "files": manifest["files"] if manifest else [],
    }


def main_flow(metrics: Mapping[str, Any], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A box for each stage from the dump to the analogies, the stages of all models together."""
    if m := metrics.get("download"):
        yield _box("download", "the dump", f"{m['bytes'] / 1e6:,.1f} MB", f"in {_many(m['files'], 'file')}")
    if m := metrics.get("extract"):
        kept = f"{m['articles']:,} articles"
        note = f"with {m['characters']:,} characters of prose"
        yield _box("extract", f"{m['pages']:,} pages", kept, note, m["articles"] / m["pages"])
    if m := metrics.get("tokens"):
        took, kept = f"{m['articles']:,} articles", f"{m['tokens']:,} tokens"
        yield _box("tokens", took, kept, f"in {m['sequences']:,} sequences")
    if m := metrics.get("vocabulary"):
        words, distinct = m["vocabulary_size"] - 3, m["distinct_words"]
        note = f"which are {m['coverage']:.1%} of the text"
        yield _box("vocabulary", f"{distinct:,} distinct words", f"{words:,} words", note, words / distinct)
    if m := metrics.get("index"):
        known = 1 - m["unknown_share"]
        note = f"{m['rows']:,} rows: {m['rows_train']:,} train, {m['rows_valid']:,} valid, {m['rows_test']:,} test"
        yield _box("index", f"{m['tokens']:,} tokens", f"{known:.1%} of them", f"the others UNKNOWN; {note}", known)
    for stage, took, kept in (
        ("train", "the training rows", "model"),
        ("embeddings", "the weights", "set"),
        ("analogies", "the vectors", "report"),
    ):
        if ran := {name: metrics[f"{stage}-{name}"] for name in names if f"{stage}-{name}" in metrics}:
            yield _box(stage, took, _many(len(ran), kept), _best(stage, ran))


def _best(stage: str, ran: Mapping[str, Mapping[str, Any]]) -> str:
    """The best figure of a stage that ran for several models."""
    if stage == "embeddings":
        return f"of {max(figures['vocabulary_size'] for figures in ran.values()):,} vectors"
    if stage == "analogies":
        best = max(ran, key=lambda name: ran[name]["cosine_total"])
        m = ran[best]
        asked = f"{m['asked']:,} of {m['google_questions']:,} questions asked"
        return f"{asked}; at best {m['cosine_total']:.1%} right, by {best}"
    models = {name: figures["test_perplexity"] for name, figures in ran.items() if "test_perplexity" in figures}
    if not models:
        return "for their vectors"
    best = min(models, key=lambda name: models[name])
    return f"best test perplexity {models[best]:.1f}, by {best}"


def side_flow(metrics: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A box for each stage that leads to no word vectors."""
    if m := metrics.get("baselines"):
        note = f"test perplexity {m['trigram_kneser_ney_test_perplexity']:.1f} by trigrams"
        yield _box("baselines", "the rows", "4 Markov models", note)
    if m := metrics.get("parity"):
        took, kept = f"{m['sequences']:,} sequences of bits", f"{m['solved']} of {_many(m['trained'], 'net')}"
        yield _box("parity", took, kept, "learnt them all", m["solved"] / m["trained"])
    if m := metrics.get("poems"):
        note = f"of {_many(m['poems'], 'poem')}; {_many(m['duplicates'], 'duplicate')} dropped"
        yield _box("poems", f"verse of {_many(m['poets'], 'poet')}", f"{m['lines']:,} lines", note)
    if m := metrics.get("poetry_generation"):
        kept = f"{_many(m['models_each'], 'model')} of each"
        yield _box("poetry_generation", f"lines of {_many(m['poets'], 'poet')}", kept, "and samples of their verse")
    if "recurrent_accuracy_by_poem" in (m := metrics.get("poetry_classification", {})):
        told = m["recurrent_accuracy_by_poem"]
        yield _box("poetry_classification", "the tags of each line", f"{told:.1%} of the lines", "told right", told)


def _box(name: str, took: str, kept: str, note: str, share: float | None = None) -> dict[str, Any]:
    """What `flow.html` draws of a stage; a `share` of what it took is a bar."""
    return {"name": name, "took": took, "kept": kept, "note": note, "share": share}


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def stage_rows(metrics: Mapping[str, Any], models: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What each stage that ran took and kept, in the order of the pipeline, for these language models."""
    say_what = {
        "download": "{files:,} dump file(s), {bytes:,} bytes",
        "extract": "{articles:,} articles of {pages:,} pages, {characters:,} characters of prose",
        "tokens": "{tokens:,} tokens in {sequences:,} sequences of {articles:,} articles",
        "vocabulary": "{vocabulary_size:,} ids; {distinct_words:,} distinct words, {coverage:.1%} of the text covered",
        "index": "{rows:,} rows: {rows_train:,} train, {rows_valid:,} valid, {rows_test:,} test; "
        "{unknown_share:.1%} of the tokens UNKNOWN",
        "baselines": "test perplexity {unigram_test_perplexity:.1f} by unigrams, "
        "{bigram_kneser_ney_test_perplexity:.1f} by bigrams, {trigram_kneser_ney_test_perplexity:.1f} by trigrams",
        "train": "{words_trained:,} words trained",
        "embeddings": "{vocabulary_size:,} vectors of {dimensions} values",
        "analogies": "{asked:,} of {google_questions:,} questions asked, {cosine_total:.1%} right by cosine",
        "parity": "{solved} of {trained} nets learnt all {sequences:,} sequences",
        "poems": "{lines:,} lines of {poems:,} poems of {poets} poet(s); {duplicates:,} duplicates dropped",
        "poetry_generation": "{models_each} model(s) of each of {poets} poet(s); the first's test perplexity at most "
        "{worst_ratio:.2f} of the Kneser-Ney trigrams'",
        "poetry_classification": "{recurrent_accuracy_by_poem:.1%} of the lines told, of poems or stanzas not learned",
    }
    for stage_name, sentence in say_what.items():
        runs = {stage_name: stage_name} | {f"{stage_name}@{model}": f"{stage_name}-{model}" for model in models}
        for name, key in runs.items():
            if figures := metrics.get(key):
                fields = {field for _, field, *_ in Formatter().parse(sentence) if field}
                result = sentence.format(**figures) if fields <= figures.keys() else "nothing to do"
                if "test_perplexity" in figures:
                    result += f", test perplexity {figures['test_perplexity']:.1f}"
                yield {"name": name, "result": result, "seconds": figures["seconds"]}


def pages_table(stats: Mapping[str, Any]) -> dict[str, Any]:
    """Each page of the dump by what became of it."""
    dropped = ((f"dropped: {reason.replace('_', ' ')}", count) for reason, count in stats["dropped"].items())
    named = {key: stats[key] for key in ("fell_back", "timed_out", "worker_died", "failed") if stats[key]}
    return {"rows": [("kept as an article", stats["kept"]), *dropped], "total": stats["in"], "named": named}
