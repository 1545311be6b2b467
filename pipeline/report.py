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
    grammar,
    next_words,
    overview,
    parity,
    perplexities,
    plots,
    provenance,
    stages,
    story,
    vectors,
)
from pipeline.page.charts import palette_of
from pipeline.page.results import Results
from pipeline.records.experiments import VerseStats
from pipeline.run.command import stage
from pipeline.run.console import Metrics, say
from pipeline.run.outputs import whole_file
from pipeline.settings.changes import changed, shown
from pipeline.settings.params import Params, load_params


@stage
def main(data: Path, page: Path, tables: Path) -> Metrics:
    """Gather the outputs in DATA; write PAGE, which needs no network, and a table for each plot to TABLES.

    A stage that did not run, or is off in params.yaml, has no section.
    """
    params = load_params()
    results = Results(data, params.models)
    palette = palette_of(params.models)
    content = {
        "story": story.section(results),
        "next": next_words.section(results, palette),
        "analogies": analogies.section(results, palette) if results.kind.has_vectors else None,
        "models": perplexities.section(results, palette),
        "grammar": grammar.section(results, palette),
        "embeddings": vectors.section(results) if results.kind.has_vectors else None,
        "frequencies": frequencies.section(results),
        "stages": stages.section(results),
        "parity": parity.section(results),
        "poems": VerseStats.read_if_there(data / "poems/stats.json"),
        "generation": generation.section(results, palette),
        "classification": classification.section(results),
    }
    html = _template().render(
        content,
        title=overview.title(results, ran=any(content.values())),
        size=overview.size(results),
        kind=results.kind,
        findings=finding.findings(results),
        wants_more_text=finding.wants_more_text(results),
        provenance=list(provenance.provenance(results, params.train.seed, changed_settings(params))),
        files=list(provenance.files(results)),
        colours=palette,
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
    environment.globals["zip"] = zip
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}  # no spaces
    return environment.get_template("page.html")


if __name__ == "__main__":
    main()
