"""Stage: one self-contained page with the results of every stage, and the tables of all models for `dvc plots`."""

import base64
import hashlib
from pathlib import Path

import jinja2

from pipeline.page import (
    analogies,
    classification,
    finding,
    frequencies,
    generation,
    overview,
    parity,
    perplexities,
    plots,
    provenance,
    stages,
    vectors,
)
from pipeline.page.charts import palette_of
from pipeline.page.results import Results
from pipeline.run.console import Metrics, say, stage
from pipeline.run.outputs import whole_file
from pipeline.settings import Params, load_params
from pipeline.settings.changes import changed, shown

FOLDED = {"parity", "poems", "generation", "classification"}  # the smaller experiments open on demand


@stage
def main(data: Path, page: Path, tables: Path) -> Metrics:
    """Gather the outputs in DATA; write PAGE, which needs no network, and a table for each plot to TABLES.

    A stage that did not run, or is off in params.yaml, has no section.
    """
    params = load_params()
    results = Results(data, params.models)
    palette = palette_of(params.models)
    # In the order of the page: each one's heading, and what its template shows, which has its name.
    sections = {
        "analogies": ("Analogies", analogies.section(results, palette)),
        "models": ("Language models", perplexities.section(results, palette)),
        "embeddings": ("Map of words", vectors.section(results)),
        "frequencies": ("Word frequencies", frequencies.section(results)),
        "stages": ("The pipeline, stage by stage", stages.section(results)),
        "parity": ("Parity", parity.section(results)),
        "poems": ("Verse", results.json("poems/stats.json")),
        "generation": ("Verse by language models", generation.section(results, palette)),
        "classification": ("Classifying lines by poet", classification.section(results)),
    }
    contents = {name: heading for name, (heading, content) in sections.items() if content}
    html = _template().render(
        title=overview.title(results, ran=bool(contents)),
        facts=list(overview.facts(results)),
        cards=list(overview.cards(results)),
        finding=finding.finding(results),
        limits=finding.limits(results),
        wants_more_text=finding.wants_more_text(results),
        contents=contents,
        folded=FOLDED,
        provenance=list(provenance.provenance(params.train.seed, changed_settings(params))),
        files=list(provenance.files(results)),
        **{name: content for name, (_, content) in sections.items()},
    )
    with whole_file(page) as file:
        file.write_text(html, encoding="utf-8")
    plots.write_tables(results, tables)
    say(f"report: {page}, {len(html.encode()) / 1e6:.1f} MB")
    return {}


def changed_settings(params: Params) -> dict[str, str]:
    """Return the settings that differ from the defaults, by key; those in `runtime` change no result."""
    return {key: shown(key, value) for key, (value, _) in changed(params).items() if not key.startswith("runtime")}


def script_hash(script: str) -> str:
    """Return the source of a content security policy that allows this script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("pipeline.page", "")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["commas"] = "{:,}".format  # 1,234
    environment.filters["script_hash"] = script_hash
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}  # no spaces
    return environment.get_template("page.html")


if __name__ == "__main__":
    main()
