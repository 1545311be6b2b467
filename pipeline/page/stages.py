"""The page's section on the pipeline: its picture, and what became of every page of the dump."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.page.overview import words_known


def section(
    metrics: Mapping[str, Any],
    names: Sequence[str],
    extracted: Mapping[str, Any] | None,
    manifest: Mapping[str, Any] | None,
) -> dict[str, Any] | None:
    """What `pipeline.html` shows of the stages that ran, for the models `names`."""
    flow, beside = list(main_flow(metrics, names)), list(side_flow(metrics))
    if not (flow or beside or extracted or manifest):
        return None
    return {
        "flow": flow,
        "beside": beside,
        "pages": pages_table(extracted) if extracted else None,
        "files": manifest["files"] if manifest else [],
    }


def main_flow(metrics: Mapping[str, Any], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A box for each stage from the dump to the analogies, the stages of all models together."""
    if m := metrics.get("download"):
        yield _box("download", [m], "the dump", f"{m['bytes'] / 1e6:,.1f} MB", f"in {_many(m['files'], 'file')}")
    if m := metrics.get("extract"):
        kept = f"{m['articles']:,} articles"
        note = f"with {m['characters']:,} characters of prose"
        yield _box("extract", [m], f"{m['pages']:,} pages", kept, note, m["articles"] / m["pages"])
    if m := metrics.get("tokens"):
        took, kept = f"{m['articles']:,} articles", f"{m['tokens']:,} tokens"
        yield _box("tokens", [m], took, kept, f"in {m['sequences']:,} sequences")
    if m := metrics.get("vocabulary"):
        words, distinct = words_known(m), m["distinct_words"]
        note = f"which are {m['coverage']:.1%} of the text"
        yield _box("vocabulary", [m], f"{distinct:,} distinct words", f"{words:,} words", note, words / distinct)
    if m := metrics.get("index"):
        known = 1 - m["unknown_share"]
        note = f"{m['rows']:,} rows: {m['rows_train']:,} train, {m['rows_valid']:,} valid, {m['rows_test']:,} test"
        yield _box(
            "index", [m], f"{m['tokens']:,} tokens", f"{known:.1%} of them", f"the others UNKNOWN; {note}", known
        )
    for stage, took, kept in (
        ("train", "the training rows", "model"),
        ("embeddings", "the weights", "set"),
        ("analogies", "the vectors", "report"),
    ):
        if ran := {name: metrics[f"{stage}-{name}"] for name in names if f"{stage}-{name}" in metrics}:
            yield _box(stage, list(ran.values()), took, _many(len(ran), kept), _best(stage, ran))


def _best(stage: str, ran: Mapping[str, Mapping[str, Any]]) -> str:
    """The best figure of a stage that ran for several models."""
    if stage == "embeddings":
        return f"of {max(figures['vocabulary_size'] for figures in ran.values()):,} vectors"
    if stage == "analogies":
        # Of the models that were asked anything, if there are some.
        best = max(ran, key=lambda name: (ran[name]["asked"] > 0, ran[name]["cosine_total"]))
        m = ran[best]
        asked = f"{m['asked']:,} of {m['google_questions']:,} questions asked"
        return f"{asked}; at best {m['cosine_total']:.1%} right, by {best}" if m["asked"] else asked
    models = {name: figures["test_perplexity"] for name, figures in ran.items() if "test_perplexity" in figures}
    if not models:
        return "for their vectors"
    best = min(models, key=lambda name: models[name])
    return f"best test perplexity {models[best]:.1f}, by {best}"


def side_flow(metrics: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A box for each stage that leads to no word vectors."""
    if m := metrics.get("baselines"):
        note = f"test perplexity {m['trigram_kneser_ney_test_perplexity']:.1f} by trigrams"
        yield _box("baselines", [m], "the rows", "4 Markov models", note)
    if m := metrics.get("parity"):
        took, kept = f"{m['sequences']:,} sequences of bits", f"{m['solved']} of {_many(m['trained'], 'net')}"
        yield _box("parity", [m], took, kept, "learnt them all", m["solved"] / m["trained"])
    if m := metrics.get("poems"):
        note = f"of {_many(m['poems'], 'poem')}; {_many(m['duplicates'], 'duplicate')} dropped"
        yield _box("poems", [m], f"verse of {_many(m['poets'], 'poet')}", f"{m['lines']:,} lines", note)
    if m := metrics.get("poetry_generation"):
        kept = f"{_many(m['models_each'], 'model')} of each"
        yield _box(
            "poetry_generation", [m], f"lines of {_many(m['poets'], 'poet')}", kept, "and samples of their verse"
        )
    if "recurrent_accuracy_by_poem" in (m := metrics.get("poetry_classification", {})):
        told = m["recurrent_accuracy_by_poem"]
        kept = f"{told:.1%} of the lines"
        yield _box("poetry_classification", [m], "the tags of each line", kept, "told right", told)


def _box(
    name: str, runs: Sequence[Mapping[str, Any]], took: str, kept: str, note: str, share: float | None = None
) -> dict[str, Any]:
    """What `flow.html` draws of a stage and its `runs`; a `share` of what it took is a bar."""
    seconds = sum(run["seconds"] for run in runs)
    return {"name": name, "seconds": seconds, "took": took, "kept": kept, "note": note, "share": share}


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def pages_table(stats: Mapping[str, Any]) -> dict[str, Any]:
    """Each page of the dump by what became of it."""
    dropped = ((f"dropped: {reason.replace('_', ' ')}", count) for reason, count in stats["dropped"].items())
    named = {key: stats[key] for key in ("fell_back", "timed_out", "worker_died", "failed") if stats[key]}
    return {"rows": [("kept as an article", stats["kept"]), *dropped], "total": stats["in"], "named": named}
