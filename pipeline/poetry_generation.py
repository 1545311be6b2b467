"""Stage: train language models on each poet, compare them with Markov models, and write new verse."""

import glob
from itertools import groupby
from pathlib import Path
from typing import Any

from models.sample import SamplingParams
from pipeline.experiments.generation.poet import DATABASE, STANZA, Poet, write_lines
from pipeline.experiments.generation.poet_data import LEAST_COUNT, PoetData, split_poems
from pipeline.experiments.verse.novelty import novelty
from pipeline.experiments.verse.poems import Poem, read_poems, words_of
from pipeline.learning.language_model import learn_seeds
from pipeline.records.experiments import GenerationReport, MarkovFigures, PoetReport, VerseFigures
from pipeline.run.command import OFF, skip, stage
from pipeline.run.console import Metrics, say
from pipeline.run.outputs import whole_directory
from pipeline.run.runtime import Runtime
from pipeline.scores.figures import perplexity_ratio, split_figures
from pipeline.scores.wording import interval
from pipeline.settings.experiment_sections import PoetryGeneration
from pipeline.settings.params import load_params
from pipeline.trained.learnt import Learnt, write_learnt
from pipeline.training.job import Job

POETS_SEED = 1  # of splits, weights and samples
STANZAS = 6  # on the page
NOVELTY_LINES = 400  # that a model writes to measure how much is copied
WITH_INTERVAL = [f"{name}{end}" for name in ("test_perplexity", "ratio") for end in ("", "_low", "_high")]
COPIED = ("novel_4grams", "longest_run", "copied_lines")  # of written verse
METRICS = ("valid_perplexity", "test_accuracy", *WITH_INTERVAL, "test_perplexity_mean", "test_perplexity_sd", *COPIED)


def train_poets(poems: Path, models: Path, report: Path) -> dict[str, Metrics]:
    """Train models on each poet in POEMS; save those that write to MODELS, and what the page shows to REPORT."""
    params = load_params()
    settings = params.poetry_generation
    if settings is None:
        return skip("poetry_generation: off in params.yaml", models, report)
    if (poems / OFF).is_file():
        return skip("poetry_generation: poems: off in params.yaml", models, report)
    poets: dict[str, PoetReport] = {}
    with whole_directory(models) as directory:
        for poet, own in groupby(read_poems(poems / "poems.jsonl"), key=lambda poem: poem.poet):
            poets[poet] = train_poet(list(own), directory / poet, models, settings, params.runtime)
    GenerationReport(
        **settings.model_dump(include={"writer", "sampling"}),
        least_count=LEAST_COUNT,
        novelty_lines=NOVELTY_LINES,
        poets=poets,
    ).write(report)
    return poet_figures(poets)


def poet_figures(poets: dict[str, PoetReport]) -> dict[str, Metrics]:
    """Return the metrics of each poet's models and Markov models; only the former write verse."""
    found: dict[str, Metrics] = {}
    for poet, each in poets.items():
        for name, own in (each.baselines | each.models).items():
            measured = own.model_dump() | (own.written.model_dump() if isinstance(own, VerseFigures) else {})
            found[f"{poet}-{name}"] = {
                figure: measured[figure] for figure in METRICS if measured.get(figure) is not None
            }
    return found


def train_poet(
    poems: list[Poem], folder: Path, models: Path, settings: PoetryGeneration, runtime: Runtime
) -> PoetReport:
    """Train every model on one poet, save the one that writes to `folder`, and let it write."""
    poet, splits = poems[0].poet, split_poems(poems, POETS_SEED)
    lines = {split: [words_of(line) for poem in own for line in poem.lines] for split, own in splits.items()}
    folder.mkdir()
    text = PoetData(folder / DATABASE, splits)
    sampling = SamplingParams(**settings.sampling.model_dump())
    figures: dict[str, VerseFigures] = {}
    for name in settings.models:
        learnt, writer, measured = train_seeds(name, poet, text, models, settings, runtime)
        written = write_lines(writer, NOVELTY_LINES, sampling, POETS_SEED)
        figures[name] = VerseFigures.model_validate(measured | {"written": novelty(written, lines["train"])})
        if name == settings.writer:
            write_learnt(folder, learnt._replace(epochs=[], target_counts=None, scores={}))
            shown = [" ".join(line) for line in write_lines(writer, STANZA * STANZAS, sampling, POETS_SEED)]
    say(f"{poet}: {against_markov(text, figures)}")
    vocabulary, tested = text.sequences.vocabulary, text.sequences.word_counts("test")
    return PoetReport(
        poems={split: len(own) for split, own in splits.items()},
        lines={split: len(own) for split, own in lines.items()},
        vocabulary_size=len(vocabulary),
        unknown_share=float(tested[vocabulary.unknown] / tested.sum()),
        test_targets=int(text.targets["test"].counted.sum()),
        best_baseline=text.best,
        baselines={name: MarkovFigures.model_validate(own) for name, own in text.baselines.items()},
        models=figures,
        held_out=novelty(lines["test"], lines["train"]),
        stanzas=[shown[start : start + STANZA] for start in range(0, len(shown), STANZA)],
    )


def against_markov(text: PoetData, figures: dict[str, VerseFigures]) -> str:
    """Return the perplexities of the best Markov model and of the models, in one line."""
    reached = ", ".join(
        f"{own.test_perplexity:.1f} {name} ({interval(own.model_dump(), 'ratio', '.2f', 'poem')})"
        for name, own in figures.items()
    )
    return (
        f"test perplexity {text.baselines[text.best]['test_perplexity']:.1f} of the best Markov model on "
        f"validation ({text.best}); of models, with the ratio to it, {reached}"
    )


def train_seeds(
    name: str, poet: str, text: PoetData, models: Path, settings: PoetryGeneration, runtime: Runtime
) -> tuple[Learnt, Poet, dict[str, Any]]:
    """Train a model with each seed; return the one of the lowest validation perplexity, and its figures.

    Each seed's checkpoint is next to `models` until the stage has ended, so that no poet is trained again after a kill.
    """
    job = Job(
        name=f"{models.name}-{poet}-{name}",
        settings=settings.models[name].recurrent_model(),
        seed=POETS_SEED,
        database=text.database,
        folder=models.with_name(f"{models.name}-{poet}-{name}"),
        # Models and batches this small are fastest on a processor, wherever larger ones are trained.
        runtime=runtime.model_copy(update={"accelerator": "cpu"}),
        stage="poetry_generation",
        key=f"poetry_generation.models.{name}",
        seeds=settings.seeds,
    )
    learnt, model, _, spread = learn_seeds(job)
    shown = {
        "best_epoch": int(learnt.figures["best_epoch"]),
        "parameters": learnt.figures["parameters"],
        "curves": {split: [epoch[f"{split}_perplexity"] for epoch in learnt.epochs] for split in ("train", "valid")},
    }
    ratio = perplexity_ratio(learnt.scores["test"], text.best_scores["test"], text.targets["test"])
    figures = {**shown, **split_figures(learnt.scores, text.targets), **ratio, **spread}
    return learnt, Poet(model.cpu(), learnt.record, text.sequences), figures


def remove_all_checkpoints(poems: Path, models: Path, report: Path) -> None:
    """Remove the checkpoints of every poet and model, including those of earlier settings."""
    for path in models.parent.glob(f".{glob.escape(models.name)}-*.checkpoint*"):
        path.unlink(missing_ok=True)


main = stage(train_poets, after=remove_all_checkpoints)

if __name__ == "__main__":
    main()
