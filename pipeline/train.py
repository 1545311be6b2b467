"""Stage, for each entry of `models`: train it on rows drawn from sequences.db."""

from pathlib import Path
from typing import Any

from pipeline.records.example import Example
from pipeline.run.command import stage
from pipeline.run.console import Metrics
from pipeline.run.outputs import whole_directory
from pipeline.scores.figures import in_short
from pipeline.settings.checked import check_stage
from pipeline.settings.params import load_params
from pipeline.trained.learnt import write_learnt
from pipeline.training.job import Job, remove_checkpoints


def train_model(name: str, database: Path, example: Path, model: Path) -> Metrics:
    """Train the entry NAME of params.yaml on DATABASE; weights, settings and curves go into MODEL.

    A language model reads the sentence of EXAMPLE after each epoch.
    """
    params = load_params()
    check_stage(params, "train")
    settings, train = params.entry(name), params.train
    key = f"models.{name}"
    job: Job[Any] = Job(name, settings, train.seed, database, model, params.runtime, "train", key, train.seeds)
    # Neither imports the other kind's modules: Lightning takes four seconds.
    if settings.kind == "language_model":
        from pipeline.learning.language_model import train_language_model

        learnt = train_language_model(job, Example.read(example))
    else:
        from pipeline.learning.word_vectors import learn_vectors

        learnt = learn_vectors(job)
    with whole_directory(model) as directory:
        write_learnt(directory, learnt)
    return in_short(learnt.figures)


main = stage(train_model, after=lambda name, database, example, model: remove_checkpoints(model))


if __name__ == "__main__":
    main()
