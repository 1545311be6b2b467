"""Stage: train language models on each poet, compare them with Markov models, and write new verse."""

import glob
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.experiments.generation.poet import DATABASES, Poet, measure_novelty, split_poems, write_stanzas
from pipeline.experiments.generation.poet_data import FIGURES, PoetData
from pipeline.experiments.verse.novelty import Source
from pipeline.experiments.verse.poems import Poem, read_poems, words_of
from pipeline.run.console import Metrics, say, skip, stage
from pipeline.run.outputs import whole_directory, write_json
from pipeline.run.runtime import Runtime
from pipeline.settings import load_params
from pipeline.settings.experiment_sections import PoetryGeneration
from pipeline.training.job import Job
from pipeline.training.learnt import Learnt, write_learnt
from pipeline.training.train_language_model import learn_seeds

COMPARED = ("ratio", "ratio_low", "ratio_high")
COPIED = ("novel_4grams", "longest_run", "copied_lines")  # of written verse
METRICS = (*FIGURES, *COMPARED, "test_perplexity_mean", "test_perplexity_sd", *COPIED)


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
    source = Source(lines["train"])
    folder.mkdir()
    texts = {
        reads: PoetData(folder / database, splits, reads, settings)
        for reads, database in DATABASES.items()
        if reads == "words" or any(model.reads == reads for model in settings.models.values())
    }
    learned: dict[str, Any] = {}
    for name, chosen in settings.models.items():
        text = texts[chosen.reads]
        learnt, writer, measured = train_seeds(name, poet, text, models, settings, runtime)
        learned[name] = measured | {"reads": chosen.reads, "written": measure_novelty(writer, source, settings)}
        if name == settings.writer:
            write_learnt(folder, learnt._replace(epochs=[], target_counts=None, scores={}))
            stanzas = write_stanzas(writer, source, settings)
            by_temperature = [
                {"temperature": each, **measure_novelty(writer, source, settings, temperature=each)}
                for each in settings.temperatures
            ]
    best = {reads: text.best for reads, text in texts.items()}
    baselines = {name: own for text in texts.values() for name, own in text.baselines.items()}
    told, markov = (
        ", ".join(f"{own['test_perplexity']:.1f} {name}" for name, own in each.items())
        for each in (learned, {name: baselines[name] for name in best.values()})
    )
    say(f"{poet}: test perplexity {told}; of the best Markov models on validation {markov}")
    words = texts["words"].sequences
    vocabulary, tested = words.vocabulary, words.word_counts("test")
    return {
        "poems": {split: len(own) for split, own in splits.items()},
        "lines": {split: len(own) for split, own in lines.items()},
        "vocabulary_size": len(vocabulary),
        "unknown_share": float(tested[vocabulary.unknown] / tested.sum()),
        "test_targets": int(texts["words"].targets["test"].counted.sum()),
        "best_baseline": best,
        "baselines": baselines,
        "models": learned,
        "held_out": source.compare(lines["test"])._asdict(),
        "stanzas": stanzas,
        "by_temperature": by_temperature,
    }


def train_seeds(
    name: str, poet: str, text: PoetData, models: Path, settings: PoetryGeneration, runtime: Runtime
) -> tuple[Learnt, Poet, dict[str, Any]]:
    """Train a model with each seed; return the one of the lowest validation perplexity, and its figures.

    Each seed's checkpoint is next to `models` until the stage has ended, so that no poet is trained again after a kill.
    """
    job = Job(
        name=f"{models.name}-{poet}-{name}",
        settings=settings.models[name],
        seed=settings.seed,
        database=text.database,
        folder=models.with_name(f"{models.name}-{poet}-{name}"),
        # Models and batches this small are fastest on a processor, wherever larger ones are trained.
        runtime=runtime.model_copy(update={"accelerator": "cpu"}),
        stage="poetry_generation",
        key=f"poetry_generation.models.{name}",
        seeds=settings.seeds,
    )
    learnt, model, _, spread = learn_seeds(job, quiet=True)
    figures = {**described(learnt), **text.figures(learnt.scores), **text.compare(learnt.scores), **spread}
    return learnt, Poet(model.cpu(), learnt.record, text.sequences), figures


def described(learnt: Learnt) -> dict[str, Any]:
    """What the page shows of a trained model."""
    return {
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
