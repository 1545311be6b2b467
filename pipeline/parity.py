"""Stage: the parity problem (book, chapter 2), learnt by recurrent and by feedforward nets from many seeds."""

from collections import defaultdict
from functools import partial
from pathlib import Path

from pipeline.experiments.parity.tasks import NETS, TEST_SEQUENCES, Trained, hidden_sizes, learnt_by, list_tasks, train
from pipeline.records.experiments import NetFigures, ParityReport
from pipeline.run.command import skip, stage
from pipeline.run.console import Metrics, percent_learnt, progress, say
from pipeline.run.workers import map_in_order
from pipeline.settings.params import load_params


@stage
def main(report: Path) -> dict[str, Metrics]:
    """Train every net from every seed on all sequences; write the results to REPORT."""
    params = load_params()
    if (parity := params.parity) is None:
        return skip("parity: off in params.yaml", report)
    tasks = list(list_tasks(parity))
    outcomes: dict[str, list[Trained]] = defaultdict(list)
    trained = map_in_order(partial(train, parity), tasks, params.runtime)
    for task, found in progress("parity", len(tasks), "task", trained):
        outcomes[task.net].extend(found)
    nets = {net: learnt_by(outcomes[net]) for net in NETS}
    ParityReport(
        **parity.model_dump(include={"bits", "longest", "seeds"}),
        sequences=2**parity.bits,
        test_sequences=TEST_SEQUENCES,
        nets={
            net: NetFigures.model_validate({"hidden_sizes": hidden_sizes(parity, net), **own})
            for net, own in nets.items()
        },
    ).write(report)
    for net, own in nets.items():
        line = f"{net}: {own['solved']} of {parity.seeds} seeds have all {2**parity.bits:,} sequences right"
        if "longest_exact" in own:
            line += f"; at {parity.longest} bits {own['longest_exact']} of {parity.seeds}"
        say(f"parity: {line}, {percent_learnt(own.get('longest_worst', own['worst_accuracy']), 2)} at worst")
    return nets


if __name__ == "__main__":
    main()
