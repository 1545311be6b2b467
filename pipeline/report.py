"""Stage: one self-contained page with what every stage found. What was not run is left out."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from plotly.offline import get_plotlyjs
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from pipeline.page import classification, generation, parity
from pipeline.page.analogies import analogies_section
from pipeline.page.charts import learning_curves, to_html, word_map
from pipeline.run.console import Metrics, say, stage
from pipeline.run.files import read_json, whole_file
from pipeline.run.params import load_params
from pipeline.run.params.results import Report
from pipeline.vectors.files import read_embeddings
from pipeline.vectors.scaling import unit_length

FEWEST = 5  # words that make a map
LABELLED = 60  # words written out on a map; more would cover one another
BASELINES = {
    "unigram": "unigram",
    "bigram_add_one": "bigram, add-one",
    "bigram_kneser_ney": "bigram, Kneser-Ney",
    "trigram_kneser_ney": "trigram, Kneser-Ney",
}


@stage
def main(data: Path, page: Path) -> Metrics:
    """Gather what the stages left in DATA and write PAGE, which opens from the file system with no network."""
    params = load_params()
    names = list(params.language_models)
    metrics = {path.stem: read_json(path) for path in sorted((data / "metrics").glob("*.json"))}
    trained = _present({name: metrics.get(f"train-{name}") for name in names})
    models = {name: figures for name, figures in trained.items() if "test_perplexity" in figures}
    analogies = analogies_section(data, names, metrics)
    extracted = _read(data / "articles/stats.json")
    manifest = _read(data / "raw/manifest.json") or {}
    drawn = charts(data, names, params.report)
    parities = _read(data / "reports/parity.json")
    generated = _read(data / "reports/poetry_generation.json")
    told_apart = _read(data / "reports/poetry_classification.json")
    html = _template().render(
        title=f"{extracted['wiki']} ({manifest.get('source', '?')})" if extracted else "nothing has run yet",
        cards=list(cards(metrics, models, names)),
        stages=list(stage_rows(metrics, names)),
        pages=pages_table(extracted) if extracted else None,
        files=manifest.get("files", []),
        models=models,
        baselines=list(baseline_rows(metrics["baselines"])) if "baselines" in metrics else [],
        analogies=analogies,
        charts=drawn,
        parity=parity.section(parities) if parities else None,
        poems=_read(data / "poems/stats.json"),
        generation=generated,
        generation_charts=generation.charts(generated) if generated else None,
        baseline_names=BASELINES,
        classification=classification.section(told_apart) if told_apart else None,
        map_words=params.report.words,
        projection={"pca": "principal components", "tsne": "t-SNE"}[params.report.projection],
        plotly=get_plotlyjs()
        if any(drawn.values()) or (analogies and analogies["charts"]) or parities or generated or told_apart
        else None,
    )
    with whole_file(page) as file:
        file.write_text(html, encoding="utf-8")
    say(f"report: {page}, {len(html) / 1e6:.1f} MB")
    return {}


def cards(metrics: Mapping[str, Any], models: Mapping[str, Any], names: Sequence[str]) -> Iterator[dict[str, str]]:
    """The few figures at the top."""
    if extract := metrics.get("extract"):
        yield _card("articles", f"{extract['articles']:,}", f"of {extract['pages']:,} pages")
    if index := metrics.get("index"):
        yield _card("tokens", f"{index['tokens']:,}", f"in {index['rows']:,} sequences")
    if vocabulary := metrics.get("vocabulary"):
        note = f"cover {vocabulary['coverage']:.1%} of the text"
        yield _card("words known", f"{vocabulary['vocabulary_size'] - 3:,}", note)
    if models:
        best = min(models, key=lambda name: models[name]["test_perplexity"])
        figures = models[best]
        yield _card("best test perplexity", f"{figures['test_perplexity']:.1f}", best)
        yield _card("unigram perplexity", f"{figures['unigram_perplexity']:.1f}", "on the same words")
    if asked := _present({name: metrics.get(f"analogies-{name}") for name in names}):
        best = max(asked, key=lambda name: asked[name]["cosine_total"])
        figures = asked[best]
        yield _card(
            "analogies right",
            f"{figures['cosine_total']:.1%}",
            f"{best}; {figures['asked']:,} asked, V {figures['vocabulary_size']:,}",
        )


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


def baseline_rows(figures: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    """Each Markov model as a row beside the language models."""
    for name, label in BASELINES.items():
        yield {
            "name": label,
            "vocabulary_size": figures["vocabulary_size"],
            "valid_perplexity": figures[f"{name}_valid_perplexity"],
            "test_perplexity": figures[f"{name}_test_perplexity"],
            "test_accuracy": figures[f"{name}_test_accuracy"],
        }


def pages_table(stats: Mapping[str, Any]) -> dict[str, Any]:
    """Each page of the dump by what became of it."""
    dropped = ((f"dropped: {reason.replace('_', ' ')}", count) for reason, count in stats["dropped"].items())
    named = {key: stats[key] for key in ("fell_back", "timed_out", "worker_died", "failed") if stats[key]}
    return {"rows": [("kept as an article", stats["kept"]), *dropped], "total": stats["in"], "named": named}


def charts(data: Path, names: list[str], params: Report) -> dict[str, Any]:
    """Each chart, or nothing where there is nothing to show in it."""
    found: dict[str, Any] = {"curves": None, "maps": {}}
    if curves := _present({name: _curves(data / "models" / name / "curves") for name in names}):
        found["curves"] = to_html(learning_curves(curves), "curves")
    for name in names:
        if (path := data / "embeddings" / name).is_dir():
            words, vectors, *_ = read_embeddings(path)
            if len(words) >= FEWEST:
                points = project(vectors[: params.words], params.projection)
                figure = word_map(words[: params.words], points, LABELLED)
                found["maps"][name] = to_html(figure, f"map-{name}")
    return found


def project(vectors: np.ndarray, projection: str) -> np.ndarray:
    """Two dimensions for each of the (words, dimensions) `vectors`, at least `FEWEST`; the same on every run."""
    vectors = unit_length(vectors)
    # One more column, of zeros, for vectors of a single value.
    vectors = np.pad(vectors, ((0, 0), (0, 1)))
    if projection == "pca":
        points: np.ndarray = PCA(2, svd_solver="full").fit_transform(vectors)
    else:
        neighbours = min(30.0, (len(vectors) - 1) / 3)
        points = TSNE(2, perplexity=neighbours, init="pca", random_state=0).fit_transform(vectors)
    return points


def _curves(directory: Path) -> dict[str, list[float]] | None:
    """Perplexity by epoch on both splits, from the tables beside its weights; nothing of a model without one."""
    metrics = directory / "plots/metrics"
    if not (metrics / "valid_perplexity.tsv").is_file():
        return None
    return {split: _column(metrics / f"{split}_perplexity.tsv", f"{split}_perplexity") for split in ("train", "valid")}


def _column(path: Path, name: str) -> list[float]:
    with path.open(encoding="utf-8", newline="") as file:
        return [float(row[name]) for row in csv.DictReader(file, delimiter="\t")]


def _card(label: str, value: str, note: str) -> dict[str, str]:
    return {"label": label, "value": value, "note": note}


def _read(path: Path) -> Any:
    return read_json(path) if path.is_file() else None


def _present(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value}


def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("pipeline.page", "")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("page.html")


if __name__ == "__main__":
    main()
