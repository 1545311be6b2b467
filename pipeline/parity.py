"""Stage: the parity problem (book, chapter 2), learnt by recurrent and by feedforward nets from many seeds."""

from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.experiments.parity.summary import by_length, describe, summarize
from pipeline.experiments.parity.tasks import list_tasks, work
from pipeline.run.console import Metrics, progress, say, skip, stage
from pipeline.run.outputs import whole_directory, write_json
from pipeline.run.tsv import write_table
from pipeline.run.workers import map_in_order
from pipeline.settings import load_params


@stage
def main(report: Path, tables: Path) -> dict[str, Metrics]:
    """Train every net from every seed on all sequences and on part of them; write the results to REPORT.

    TABLES gets each unit's accuracy by the length of the sequences.
    """
    params = load_params()
    if params.parity is None:
        return skip("parity: off in params.yaml", report, tables)
    tasks = list(list_tasks(params.parity))
    results: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))  # by kind of task and by net
    with progress("parity", len(tasks), "task") as bar:
        for task, found in map_in_order(partial(work, params.parity), tasks, params.runtime):
            results[task.kind][task.net].extend(found)
            bar.update()
    runs = results["train"]
    content = summarize(params.parity, runs, results["hold_out"], results["search"])
    write_json(report, content)
    with whole_directory(tables) as folder:
        write_table(folder / "by_length.tsv", list(by_length(content["nets"])))
    for net, own in runs.items():
        say(f"parity: {describe(content, net)}; {max(run.seconds for run in own):.1f} s a seed")
    return {net: own["figures"] for net, own in content["nets"].items()}


if __name__ == "__main__":
    main()
