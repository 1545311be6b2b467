"""Stage: classify lines by poet, from their part-of-speech tags, in poems that were not learnt."""

from functools import partial
from pathlib import Path

from pipeline.experiments.classification.folds import check_folds, choose_settings, plan, predict_held_out
from pipeline.experiments.classification.lines import read_lines
from pipeline.experiments.classification.summary import classifier_figures, main_result, make_report, predictions
from pipeline.records.experiments import KeptWhole, VerseStats
from pipeline.run.command import OFF, skip, stage
from pipeline.run.console import Metrics, progress, say
from pipeline.run.outputs import whole_directory
from pipeline.run.tsv import write_table
from pipeline.run.workers import map_in_order
from pipeline.settings.params import load_params


@stage
def main(poems: Path, report: Path, tables: Path) -> dict[str, Metrics]:
    """Cross-validate every classifier on the lines in POEMS; write all that the page shows to REPORT.

    TABLES gets the poet of each line, and each classifier's prediction while the line's poem was held out.
    """
    params = load_params()
    settings = params.poetry_classification
    if settings is None:
        return skip("poetry_classification: off in params.yaml", report, tables)
    if (poems / OFF).is_file():
        return skip("poetry_classification: poems: off in params.yaml", report, tables)
    lines = read_lines(poems)
    if len(lines.poets) < 2:
        return skip(f"poetry_classification: skipped: all verse is by {lines.poets[0]}", report, tables)
    check_folds(lines, settings)
    held_out_folds = plan(settings)
    predicted = map_in_order(partial(predict_held_out, lines, settings), held_out_folds, params.runtime)
    found = list(progress("poetry_classification", len(held_out_folds), "fold", predicted))
    outcomes = list(choose_settings(lines, settings, found))
    content = make_report(lines, held_out(poems), outcomes, settings)
    content.write(report)
    with whole_directory(tables) as folder:
        write_table(folder / "lines.tsv", list(predictions(lines.poets, outcomes)))
    say(f"poetry_classification: {main_result(content)}")
    return classifier_figures(content)


def held_out(poems: Path) -> KeptWhole:
    """Return what a fold keeps whole: "poems", or "stanzas" if nothing marks the ends of a poet's poems."""
    poets = VerseStats.read(poems / "stats.json").poets.values()
    return "stanzas" if any(poet.told_apart_by == "stanza" for poet in poets) else "poems"


if __name__ == "__main__":
    main()
