"""Stage: train language models on each poet, compare them with Markov models, and write new verse."""

import glob
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import pytorch_lightning as L

from pipeline.experiments.generation.poet import DATABASE, Poet, index_poems, split_poems
from pipeline.experiments.generation.samples import measure_novelty, novelty_by_temperature, write_stanzas
from pipeline.experiments.generation.settings import PoetryGeneration
from pipeline.experiments.verse.novelty import Source
from pipeline.experiments.verse.poems import Poem, read_poems, words_of
from pipeline.ngrams.evaluation import markov_models, score_split, training_text
from pipeline.run.console import Metrics, say, skip, stage
from pipeline.run.outputs import whole_directory, write_json
from pipeline.run.runtime import Runtime
from pipeline.scoring.figures import HELD_OUT, split_figures
from pipeline.scoring.targets import read_targets
from pipeline.settings import load_params
from pipeline.training.job import Job
from pipeline.training.language_model import data_of, learn
from pipeline.training.learnt import Learnt, before_sentence, write_learnt

FIGURES = ("valid_perplexity", "test_perplexity", "test_accuracy")
METRICS = (*FIGURES, "novel_4grams", "longest_run", "copied_lines")  # the last three are of written verse


def train_poets(poems: Path, models: Path, report: Path) -> dict[str, Metrics]:
    """Train models on each poet in POEMS; save those that write to MODELS, and what the page shows to REPORT."""
    params = load_params()
    settings = params.poetry_generation
    if settings is None:
        return skip("poetry_generation: off in params.yaml", models, report)
    if not any(poems.iterdir()):
        return skip("poetry_generation: poems: off in params.yaml", models, report)
    poets: dict[str, Any] = {}
    with whole_directory(models) as directory:
        for poet, own in groupby(read_poems(poems / "poems.jsonl"), key=lambda poem: poem.poet):
            poets[poet] = train_poet(list(own), directory / poet, models, settings, params.runtime)
    content = {
        "writer": settings.writer,
        "sampling": settings.sampling.model_dump(),
        "least_count": settings.least_count,
        "novelty_lines": settings.novelty_lines,
        "poets": poets,
    }
    write_json(report, content)
    return figures(content)


def figures(report: Mapping[str, Any]) -> dict[str, Metrics]:
    """Return the metrics of each poet's models and Markov models; only the former write verse."""
    found: dict[str, Metrics] = {}
    for poet, each in report["poets"].items():
        for name, own in (each["baselines"] | each["models"]).items():
            measured = own | own.get("written", {})
            found[f"{poet}-{name}"] = {
                figure: measured[figure] for figure in METRICS if measured.get(figure) is not None
            }
    return found


def train_poet(
    poems: list[Poem], folder: Path, models: Path, settings: PoetryGeneration, runtime: Runtime
) -> dict[str, Any]:
    """Train every model on one poet, save the one that writes to `folder`, and let it write."""
    poet = poems[0].poet
    splits = split_poems(poems, settings.valid_fraction, settings.test_fraction, settings.seed)
    lines = {split: [words_of(line) for poem in own for line in poem.lines] for split, own in splits.items()}
    folder.mkdir()
    index_poems(folder / DATABASE, splits, settings.least_count, settings.end_fraction)
    jobs = {name: job_of(name, poet, folder / DATABASE, models, settings, runtime) for name in settings.models}
    data = data_of(jobs[settings.writer])
    vocabulary, tested = data.sequences.vocabulary, data.sequences.word_counts("test")
    baselines: dict[str, Metrics] = {}
    for name, markov in markov_models(data.sequences, training_text(data.sequences)):
        baselines[name] = {}
        for split in HELD_OUT:
            scores, targets = score_split(markov, data.sequences, split), read_targets(data.sequences, split)
            baselines[name] |= split_figures(split, scores, targets)
    best = min(baselines, key=lambda name: baselines[name]["valid_perplexity"])
    source, longest = Source(lines["train"]), max(map(len, lines["train"]))
    learned: dict[str, Any] = {}
    for name, job in jobs.items():
        L.seed_everything(settings.seed, verbose=False)
        learnt, model = learn(job, data_of(job), quiet=True)
        writer = Poet(model.cpu(), vocabulary.by_id, longest, before_sentence(learnt.record))
        learned[name] = described(learnt) | {"written": measure_novelty(writer, source, settings)}
        if name == settings.writer:
            write_learnt(folder, learnt._replace(epochs=[], target_counts=None, scores={}))
            stanzas = write_stanzas(writer, source, settings)
            by_temperature = novelty_by_temperature(writer, source, settings)
    perplexities = ", ".join(f"{each['test_perplexity']:.1f} {name}" for name, each in learned.items())
    say(f"{poet}: test perplexity {perplexities}, {baselines[best]['test_perplexity']:.1f} {best}, best on validation")
    return {
        "poems": {split: len(own) for split, own in splits.items()},
        "lines": {split: len(own) for split, own in lines.items()},
        "vocabulary_size": len(vocabulary),
        "unknown_share": float(tested[vocabulary.unknown] / tested.sum()),
        "test_targets": baselines[best]["test_targets"],
        "best_baseline": best,
        "baselines": {name: {figure: found[figure] for figure in FIGURES} for name, found in baselines.items()},
        "models": learned,
        "held_out": source.compare(lines["test"])._asdict(),
        "stanzas": stanzas,
        "by_temperature": by_temperature,
    }


def job_of(name: str, poet: str, database: Path, models: Path, settings: PoetryGeneration, runtime: Runtime) -> Job:
    """The training of one model on one poet.

    Its checkpoint is next to `models` until the stage has ended, so that no poet is trained again after a kill.
    """
    return Job(
        name=f"{models.name}-{poet}-{name}",
        settings=settings.models[name],
        seed=settings.seed,
        database=database,
        folder=models.with_name(f"{models.name}-{poet}-{name}"),
        # Models and batches this small are fastest on one processor, wherever larger ones are trained.
        runtime=runtime.model_copy(update={"accelerator": "cpu", "devices": 1, "nodes": 1, "strategy": "auto"}),
        stage="poetry_generation",
        key=f"poetry_generation.models.{name}",
    )


def described(learnt: Learnt) -> dict[str, Any]:
    """What the page shows of a trained model."""
    return {
        **{figure: learnt.figures[figure] for figure in FIGURES},
        "best_epoch": int(learnt.figures["best_epoch"]),
        "parameters": learnt.figures["parameters"],
        "curves": {
            split: [epoch[f"{split}_perplexity"] for epoch in learnt.epochs]
            for split in ("train", "valid")
            if f"{split}_perplexity" in learnt.epochs[0]  # a sampled loss has none in training
        },
    }


def remove_all_checkpoints(poems: Path, models: Path, report: Path) -> None:
    """Remove the checkpoints of every poet and model, including those of earlier settings."""
    for path in models.parent.glob(f".{glob.escape(models.name)}-*.checkpoint*"):
        path.unlink(missing_ok=True)


main = stage(train_poets, after=remove_all_checkpoints)

if __name__ == "__main__":
    main()
