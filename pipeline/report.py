"""Stage: one self-contained page with what every stage found. What was not run is left out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from plotly.offline import get_plotlyjs

from pipeline.page import classification, generation, models, overview, parity, stages
from pipeline.page import frequencies as words
from pipeline.page import vectors as spaces
from pipeline.page.analogies import analogies_section
from pipeline.run.console import Metrics, say, stage
from pipeline.run.outputs import read_json, read_json_if_there, whole_file
from pipeline.settings import load_params

# In the order of the page; each one's template has its name.
SECTIONS = {
    "pipeline": "What each stage took and kept",
    "words": "Words and how frequent they are",
    "models": "Language models",
    "ask": "Ask the vectors",
    "analogies": "Analogies",
    "embeddings": "Embeddings in two dimensions",
    "parity": "Parity",
    "poems": "Verse",
    "generation": "Verse by language models",
    "classification": "Telling poets apart by parts of speech",
}
PLAIN = {"pipeline", "poems"}  # sections without a chart


@stage
def main(data: Path, page: Path) -> Metrics:
    """Gather what the stages left in DATA and write PAGE, which opens from the file system with no network."""
    params = load_params()
    names = list(params.language_models)
    metrics = {path.stem: read_json(path) for path in sorted((data / "metrics").glob("*.json"))}
    trained = _present({name: metrics.get(f"train-{name}") for name in names})
    perplexed = {name: figures for name, figures in trained.items() if "test_perplexity" in figures}
    asked = _present({name: metrics.get(f"analogies-{name}") for name in names})
    extracted = read_json_if_there(data / "articles/stats.json")
    manifest = read_json_if_there(data / "raw/manifest.json")
    held = spaces.section(data, names, params.report)
    found = {
        "pipeline": stages.section(metrics, names, extracted, manifest),
        "words": words.section(data, metrics.get("vocabulary")),
        "models": models.section(data, names, perplexed, metrics.get("baselines")),
        "ask": held,
        "analogies": analogies_section(data, names, metrics),
        "embeddings": held,
        "parity": parity.section(read_json_if_there(data / "reports/parity.json")),
        "poems": read_json_if_there(data / "poems/stats.json"),
        "generation": generation.section(read_json_if_there(data / "reports/poetry_generation.json")),
        "classification": classification.section(read_json_if_there(data / "reports/poetry_classification.json")),
    }
    html = _template().render(
        title=overview.title(extracted, ran=bool(_present(found))),
        facts=list(overview.facts(manifest, extracted, list(trained))),
        cards=list(overview.cards(metrics, perplexed, asked)),
        contents={section: heading for section, heading in SECTIONS.items() if found[section]},
        plotly=get_plotlyjs() if _present(found).keys() - PLAIN else None,
        **found,
    )
    with whole_file(page) as file:
        file.write_text(html, encoding="utf-8")
    say(f"report: {page}, {len(html.encode()) / 1e6:.1f} MB")
    return {}


def _present(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value}


def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("pipeline.page", "")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}  # no spaces
    return environment.get_template("page.html")


if __name__ == "__main__":
    main()
