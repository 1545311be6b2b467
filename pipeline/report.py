"""Stage: one self-contained page with what every stage found, and the tables of all models for `dvc plots`."""

from pathlib import Path

import jinja2
from plotly.offline import get_plotlyjs

from pipeline.page import (
    analogies,
    classification,
    frequencies,
    generation,
    models,
    overview,
    parity,
    plots,
    stages,
    vectors,
)
from pipeline.page.results import Results
from pipeline.run.console import Metrics, say, stage
from pipeline.run.outputs import whole_file
from pipeline.settings import load_params

# In the order of the page; each one's template has its name.
SECTIONS = {
    "stages": "What each stage took and kept",
    "frequencies": "Words and how frequent they are",
    "models": "Language models",
    "ask": "Ask the vectors",
    "analogies": "Analogies",
    "embeddings": "Embeddings in two dimensions",
    "parity": "Parity",
    "poems": "Verse",
    "generation": "Verse by language models",
    "classification": "Classifying lines by poet",
}
PLAIN = {"stages", "poems"}  # sections without a chart


@stage
def main(data: Path, page: Path, tables: Path) -> Metrics:
    """Gather the outputs in DATA; write PAGE, which needs no network, and a table for each plot to TABLES.

    A stage that did not run, or is off in params.yaml, has no section.
    """
    params = load_params()
    results = Results(data, params.models)
    held = vectors.section(results, params.report)
    sections = {
        "stages": stages.section(results),
        "frequencies": frequencies.section(results),
        "models": models.section(results),
        "ask": held,
        "analogies": analogies.section(results),
        "embeddings": held,
        "parity": parity.section(results.json("reports/parity.json")),
        "poems": results.json("poems/stats.json"),
        "generation": generation.section(results.json("reports/poetry_generation.json")),
        "classification": classification.section(results.json("reports/poetry_classification.json")),
    }
    contents = {name: heading for name, heading in SECTIONS.items() if sections[name]}
    html = _template().render(
        title=overview.title(results, ran=bool(contents)),
        facts=list(overview.facts(results)),
        cards=list(overview.cards(results)),
        contents=contents,
        plotly=get_plotlyjs() if contents.keys() - PLAIN else None,
        **sections,
    )
    with whole_file(page) as file:
        file.write_text(html, encoding="utf-8")
    plots.write_tables(results, tables)
    say(f"report: {page}, {len(html.encode()) / 1e6:.1f} MB")
    return {}


def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("pipeline.page", "")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}  # no spaces
    return environment.get_template("page.html")


if __name__ == "__main__":
    main()
