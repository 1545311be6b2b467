"""The page's section on the pipeline: its picture, its table, and what became of every page of the dump."""

from collections.abc import Iterator, Mapping, Sequence
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
        "flow": [step for step in main_flow(metrics, names) if step],
        "verse": [step for step in side_flow(metrics) if step],
        "stages": rows,
        "pages": pages_table(extracted) if extracted else None,
        "files": manifest["files"] if manifest else [],
    }


def main_flow(metrics: Mapping[str, Any], names: Sequence[str]) -> Iterator[dict[str, Any] | None]:
    """A box for each stage from the dump to the analogies, the stages of all models together."""
    yield _box(
        metrics, "download", "the dump", "{files:,} file(s)", "{megabytes:,.1f} MB", megabytes=lambda m: m["bytes"] / 1e6
    )
    yield _box(
        metrics,
        "extract",
        "{pages:,} pages",
        "{articles:,} articles",
        "{characters:,} characters of prose",
        share=lambda m: m["articles"] / m["pages"],
    )
    yield _box(metrics, "tokens", "{articles:,} articles", "{tokens:,} tokens", "in {sequences:,} sequences")
    yield _box(
        metrics,
        "vocabulary",
        "{distinct_words:,} distinct words",
        "{words:,} words",
        "which are {coverage:.1%} of the text",
        words=lambda m: m["vocabulary_size"] - 3,
        share=lambda m: (m["vocabulary_size"] - 3) / m["distinct_words"],
    )
    yield _box(
        metrics,
        "index",
        "{tokens:,} tokens",
        "{rows:,} rows",
        "{known:.1%} of the tokens kept, the others UNKNOWN; {rows_train:,} rows to train, {rows_valid:,} to validate, "
        "{rows_test:,} to test",
        known=lambda m: 1 - m["unknown_share"],
        share=lambda m: 1 - m["unknown_share"],
    )
    yield _box(
        metrics,
        "baselines",
        "{train_tokens:,} training tokens",
        "4 Markov models",
        "test perplexity {trigram_kneser_ney_test_perplexity:.1f} by trigrams",
    )
    for stage, took, kept in (
        ("train", "the training rows", "{} model(s)"),
        ("embeddings", "the weights", "{} set(s) of vectors"),
        ("analogies", "the vectors", "answers of {} model(s)"),
    ):
        if ran := {name: metrics[f"{stage}-{name}"] for name in names if f"{stage}-{name}" in metrics}:
            yield {"name": stage, "took": took, "kept": kept.format(len(ran)), "note": _best(stage, ran), "share": None}


def _best(stage: str, ran: Mapping[str, Mapping[str, Any]]) -> str:
    """The best figure of a stage that ran for several models."""
    if stage == "embeddings":
        return f"of {max(figures['vocabulary_size'] for figures in ran.values()):,} words"
    if stage == "analogies":
        best = max(ran, key=lambda name: ran[name]["cosine_total"])
        figures = ran[best]
        return (
            f"{figures['asked']:,} of {figures['questions']:,} questions asked; at best "
            f"{figures['cosine_total']:.1%} right, by {best}"
        )
    models = {name: figures["test_perplexity"] for name, figures in ran.items() if "test_perplexity" in figures}
    if not models:
        return "for their vectors"
    best = min(models, key=lambda name: models[name])
    return f"best test perplexity {models[best]:.1f}, by {best}"


def side_flow(metrics: Mapping[str, Any]) -> Iterator[dict[str, Any] | None]:
    """A box for each stage of the smaller experiments, which read no dump."""
    yield _box(
        metrics, "parity", "{sequences:,} sequences of bits", "{solved} of {trained} nets", "learnt them all",
        share=lambda m: m["solved"] / m["trained"],
    )  # fmt: skip
    yield _box(
        metrics, "poems", "verse of {poets} poet(s)", "{lines:,} lines", "of {poems:,} poems; {duplicates:,} duplicates "
        "dropped", share=lambda m: m["lines"] / (m["lines"] + m["duplicates"]),
    )  # fmt: skip
    yield _box(metrics, "poetry_generation", "lines of {poets} poet(s)", "{models} model(s) of each", "which write")
    yield _box(
        metrics, "poetry_classification", "the tags of single lines", "{recurrent_accuracy_by_poem:.1%} told apart",
        "in unseen poems", share=lambda m: m["recurrent_accuracy_by_poem"],
    )  # fmt: skip


def _box(metrics: Mapping[str, Any], name: str, took: str, kept: str, note: str, **more: Any) -> dict[str, Any] | None:
    """A stage's box, its sentences filled with its metrics and with what the functions `more` find in them.

    `share`, of what it took, is drawn as a bar.
    """
    if name not in metrics:
        return None
    figures = metrics[name]
    found = {key: function(figures) for key, function in more.items()}
    say = {key: text.format(**{**figures, **found}) for key, text in (("took", took), ("kept", kept), ("note", note))}
    return {"name": name, **say, "share": found.get("share")}


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
        "analogies": "{asked:,} of {questions:,} questions asked, {cosine_total:.1%} right by cosine",
        "parity": "{solved} of {trained} nets learnt all {sequences:,} sequences",
        "poems": "{lines:,} lines of {poems:,} poems of {poets} poet(s); {duplicates:,} duplicates dropped",
        "poetry_generation": "{models} model(s) of each of {poets} poet(s); the first's test perplexity at most "
        "{worst_ratio:.2f} of the Kneser-Ney trigrams'",
        "poetry_classification": "{recurrent_accuracy_by_poem:.1%} of the lines of unseen poems told",
    }
    for stage_name, sentence in say_what.items():
        runs = {stage_name: stage_name} | {f"{stage_name}@{model}": f"{stage_name}-{model}" for model in models}
        for name, key in runs.items():
            if figures := metrics.get(key):
                result = sentence.format(**figures)
                if "test_perplexity" in figures:
                    result += f", test perplexity {figures['test_perplexity']:.1f}"
                yield {"name": name, "result": result, "seconds": figures["seconds"]}


def pages_table(stats: Mapping[str, Any]) -> dict[str, Any]:
    """Each page of the dump by what became of it."""
    dropped = ((f"dropped: {reason.replace('_', ' ')}", count) for reason, count in stats["dropped"].items())
    named = {key: stats[key] for key in ("fell_back", "timed_out", "worker_died", "failed") if stats[key]}
    return {"rows": [("kept as an article", stats["kept"]), *dropped], "total": stats["in"], "named": named}
