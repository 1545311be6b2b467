from pipeline.experiments.parity.nets import RECURRENT_NETS
from pipeline.experiments.parity.tasks import Trained, learnt_by, list_tasks
from pipeline.settings.experiment_sections import Parity


def test_every_net_is_trained_from_every_seed() -> None:
    tasks = [(task.net, tuple(task.seeds)) for task in list_tasks(Parity(seeds=12))]
    alone = [(net, (seed,)) for net in ("wide", "deep") for seed in range(1, 13)]
    together = [(unit, own) for unit in RECURRENT_NETS for own in (tuple(range(1, 11)), (11, 12))]
    assert sorted(tasks) == sorted([*alone, *together])


def test_figures_are_of_all_seeds() -> None:
    assert learnt_by([Trained(9, 1), Trained(9, 0.75)]) == {"parameters": 9, "solved": 1, "worst_accuracy": 0.75}
    longer = learnt_by([Trained(9, 1, 1, restarts=2), Trained(9, 1, 0.5)])
    assert longer == {
        **{"parameters": 9, "solved": 2, "worst_accuracy": 1},
        **{"longest_exact": 1, "longest_worst": 0.5, "restarted": 1},
    }
