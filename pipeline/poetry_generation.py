"""Stage: language models of each poet, beside Markov models on the same lines, and the verse that they write."""

import glob
from itertools import groupby
from pathlib import Path
from typing import Any

import pytorch_lightning as L
import torch

from models.language_model import LanguageModel
from models.sample import Sampling
from pipeline.batches.rows import SequenceData
from pipeline.experiments.generation.poet import DATABASE, STANZA, Poet, index_poems, split_poems, write_lines
from pipeline.experiments.generation.settings import PoetryGeneration
from pipeline.experiments.verse.novelty import Source
from pipeline.experiments.verse.poems import Poem, read_poems, words_of
from pipeline.ngrams.evaluation import evaluate, markov_models, training_text
from pipeline.run.console import Metrics, UserError, say, stage
from pipeline.run.outputs import whole_directory, write_json
from pipeline.settings import Params, load_params
from pipeline.training.fit import fit
from pipeline.training.resume import checkpoint_path, remove_checkpoints
from pipeline.training.saved import write_language_model
from pipeline.training.settings import Training

FIGURES = ("valid_perplexity", "test_perplexity", "test_accuracy")
PEER = "trigram_kneser_ney"


def write_poets(poems: Path, models: Path, report: Path) -> Metrics:
    """Learn each poet of POEMS; the models that write go to MODELS, what the page shows to REPORT."""
    params = load_params()
    found: dict[str, Any] = {}
    with whole_directory(models) as directory:
        for poet, own in groupby(read_poems(poems / "poems.jsonl"), key=lambda poem: poem.poet):
            found[poet] = study(list(own), directory / poet, models, params)
    settings = params.poetry_generation
    write_json(
        report,
        {
            "writer": settings.writer,
            "sampling": settings.sampling.model_dump(),
            "least_count": settings.least_count,
            "novelty_lines": settings.novelty_lines,
            "poets": found,
        },
    )
    figures: Metrics = {"poets": len(found), "models_each": len(settings.models)}
    for poet, each in found.items():
        for name, of in (each["models"] | each["baselines"]).items():
            figures[f"{poet}_{name}_test_perplexity"] = of["test_perplexity"]
        written = each["models"][settings.writer]["written"]
        figures[f"{poet}_longest_run"] = written["longest_run"]
        figures[f"{poet}_copied_lines"] = written["copied_lines"]
    figures["worst_ratio"] = max(
        each["models"][settings.writer]["test_perplexity"] / each["baselines"][PEER]["test_perplexity"]
        for each in found.values()
    )
    return figures


def study(poems: list[Poem], folder: Path, models: Path, params: Params) -> dict[str, Any]:
    """Learn one poet with every model, put the one that writes into `folder`, and let it write."""
    settings, poet = params.poetry_generation, poems[0].poet
    splits = split_poems(poems, settings.valid_fraction, settings.test_fraction, settings.seed)
    lines = {split: [words_of(line) for poem in own for line in poem.lines] for split, own in splits.items()}
    folder.mkdir()
    index_poems(folder / DATABASE, splits, settings.least_count)
    data = SequenceData(
        folder / DATABASE, batch_tokens=settings.batch_tokens, end_fraction=settings.end_fraction, seed=settings.seed
    )
    words, tested = data.sequences.words(), data.sequences.word_counts("test")
    markov = markov_models(training_text(data.sequences), len(words), settings.end_fraction)
    measured = evaluate(markov, data, "valid") | evaluate(markov, data, "test")
    source, longest = Source(lines["train"]), max(map(len, lines["train"]))
    learned: dict[str, Any] = {}
    verse: dict[str, Any] = {}
    for name in settings.models:
        model, arguments, learned[name] = learn(name, data, models.with_name(f"{models.name}-{poet}-{name}"), params)
        writer = Poet(model, words, longest)
        learned[name]["written"] = novelty(writer, source, settings)
        if name == settings.writer:
            write_language_model(folder, model, arguments)
            verse = write(writer, source, settings)
    perplexities = ", ".join(f"{figures['test_perplexity']:.1f} {name}" for name, figures in learned.items())
    say(f"{poet}: test perplexity {perplexities}, {measured[f'{PEER}_test_perplexity']:.1f} Kneser-Ney trigrams")
    return {
        "poems": {split: len(own) for split, own in splits.items()},
        "lines": {split: len(own) for split, own in lines.items()},
        "vocabulary_size": len(words),
        "unknown_share": float(tested[-1] / tested.sum()),
        "test_targets": measured["test_targets"],
        "baselines": {name: {figure: measured[f"{name}_{figure}"] for figure in FIGURES} for name in markov},
        "models": learned,
        "held_out": source.compare(lines["test"])._asdict(),
        **verse,
    }


def learn(
    name: str, data: SequenceData, scratch: Path, params: Params
) -> tuple[LanguageModel, dict[str, Any], dict[str, Any]]:
    """Train the model `name` on a poet's lines: the model, what it is made with, its figures and curves.

    Its checkpoint stands beside `scratch` until the stage has ended, so that no poet is learnt again after a kill.
    """
    settings = params.poetry_generation
    counts = torch.from_numpy(data.target_counts())
    arguments = {"vocabulary_size": len(counts), **settings.models[name].model_dump(exclude={"gradient_clip"})}
    L.seed_everything(settings.seed, verbose=False)
    try:
        model = LanguageModel(**arguments, counts=counts)
    except ValueError as error:  # settings that do not go together, or not with this vocabulary
        raise UserError(f"params.yaml: poetry_generation.models.{name}: {error}") from None
    training = settings.model_dump(include=set(Training.model_fields))
    checkpoint = checkpoint_path(scratch, data.sequences.path, training, settings.models[name])
    remove_checkpoints(scratch, keep=checkpoint)
    figures, epochs = fit(
        model,
        data,
        name=scratch.name,
        section=f"poetry_generation.models.{name}",
        params=settings,
        gradient_clip=settings.models[name].gradient_clip,
        # Models and batches this small are fastest on one processor, wherever larger ones are trained.
        runtime=params.runtime.model_copy(update={"accelerator": "cpu", "devices": 1, "nodes": 1, "strategy": "auto"}),
        checkpoint=checkpoint,
        quiet=True,
    )
    return (
        model,
        arguments,
        {
            **{figure: figures[figure] for figure in FIGURES},
            "best_epoch": int(figures["best_epoch"]),
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "curves": {split: [epoch[f"{split}_perplexity"] for epoch in epochs] for split in ("train", "valid")},
        },
    )


def write(poet: Poet, source: Source, settings: PoetryGeneration) -> dict[str, Any]:
    """The stanzas for the page, each with how new it is, and how that changes with the temperature."""
    sampling = Sampling(**settings.sampling.model_dump())
    lines = write_lines(poet, STANZA * settings.stanzas, sampling, settings.seed)
    stanzas = [lines[start : start + STANZA] for start in range(0, len(lines), STANZA)]
    return {
        "stanzas": [
            {"lines": [" ".join(line) for line in stanza], **source.compare(stanza)._asdict()} for stanza in stanzas
        ],
        "by_temperature": [
            {"temperature": temperature, **novelty(poet, source, settings, temperature=temperature)}
            for temperature in settings.temperatures
        ],
    }


def novelty(poet: Poet, source: Source, settings: PoetryGeneration, **changes: float) -> dict[str, Any]:
    """How new what a poet writes is, sampled as params.yaml says but for the `changes`."""
    sampling = Sampling(**settings.sampling.model_dump() | changes)
    return source.compare(write_lines(poet, settings.novelty_lines, sampling, settings.seed))._asdict()


def remove_all_checkpoints(poems: Path, models: Path, report: Path) -> None:
    """Remove those of every poet and model, whatever params.yaml held when they were taken."""
    for path in models.parent.glob(f".{glob.escape(models.name)}-*.checkpoint*"):
        path.unlink(missing_ok=True)


main = stage(write_poets, after=remove_all_checkpoints)

if __name__ == "__main__":
    main()
