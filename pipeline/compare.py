"""Stage: language models, n-gram models and mixtures of them on one scale, with intervals of their differences."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipeline.records.figures import Perplexities
from pipeline.run.command import stage
from pipeline.run.console import Metrics, say
from pipeline.scores.figures import perplexity, perplexity_ratio, read_scores, split_figures
from pipeline.scores.mixture import mix, mixture_weights
from pipeline.scores.targets import Targets, read_targets
from pipeline.scores.wording import ends, interval, measure_of, reached, relation
from pipeline.settings.params import load_params
from pipeline.settings.result_sections import NGRAM_MODELS, Mixture
from pipeline.store.scale import PERPLEXITY, scale_of
from pipeline.store.sequences import HELD_OUT, Sequences

Scores = dict[str, np.ndarray]  # of a model, by split


@stage
def main(database: Path, models: Path, baselines: Path, report: Path) -> dict[str, Metrics]:
    """Compare the scores in the folders of MODELS and BASELINES on DATABASE's held-out splits; write REPORT."""
    params = load_params()
    sequences = Sequences(database)
    targets = {split: read_targets(sequences, split) for split in HELD_OUT}
    language = [name for name, entry in params.models.items() if entry.kind == "language_model"]
    folders = {name: (models / name, f"train@{name}") for name in language}
    folders |= {name: (baselines / name, "baselines") for name in NGRAM_MODELS}
    scores = {name: read_scores(folder, targets, stage=wrote) for name, (folder, wrote) in folders.items()}
    valid = {name: perplexity(own["valid"], targets["valid"]) for name, own in scores.items()}
    best = min(language, key=valid.__getitem__, default=None)
    ngram = min(NGRAM_MODELS, key=valid.__getitem__)
    mixtures = add_mixtures(scores, params.mixtures, targets, language, ngram)
    rows = {
        name: row_of(own, targets, scores[best] if best and name != best else None, mixed=name in mixtures)
        for name, own in scores.items()
    }
    for name in filter(None, (best, ngram, *mixtures)):
        say(compared(name, rows[name], mixtures.get(name, {}), best, sequences.vocabulary.one))
    Perplexities(best=best, rows=rows, weights=mixtures).write(report)
    return rows


def add_mixtures(
    scores: dict[str, Scores],
    mixtures: Mapping[str, Mixture],
    targets: Mapping[str, Targets],
    language: list[str],
    ngram: str,
) -> dict[str, dict[str, float]]:
    """Add the scores of each mixture to `scores`; return the weights of its models, which the validation split chooses.

    A mixture that names no models is of all language models and the n-gram model `ngram`.
    """
    found: dict[str, dict[str, float]] = {}
    for name, mixture in mixtures.items():
        of = mixture.of or [*language, ngram]
        if not (mixture.of or language):
            say(f"compare: no mixture {name}: params.yaml has no language model")
            continue
        weights = mixture_weights([scores[each]["valid"] for each in of], targets["valid"])
        found[name] = dict(zip(of, weights.tolist(), strict=True))
        scores[name] = {split: mix([scores[each][split] for each in of], weights) for split in HELD_OUT}
    return found


def row_of(own: Scores, targets: Mapping[str, Targets], best: Scores | None, *, mixed: bool) -> Metrics:
    """Return the figures of a model's scores, with the ratio to those of the best model, if that is another one."""
    valid = perplexity(own["valid"], targets["valid"])
    row = {"valid_perplexity": valid} | split_figures(own, {"test": targets["test"]})
    if best:
        row |= perplexity_ratio(own["test"], best["test"], targets["test"])
    return {key: value for key, value in row.items() if not (mixed and "accuracy" in key)}  # `mix` gives no accuracy


def compared(name: str, row: Metrics, weights: Mapping[str, float], best: str | None, one: str) -> str:
    """Return a model's figures in one line."""
    parts = " + ".join(f"{weight:.2f} {each}" for each, weight in weights.items())
    told = f"test {measure_of(row)} {reached(row, 'test')} ({ends(row, 'test')})"
    if "ratio" in row:
        of = "" if scale_of(row) is PERPLEXITY else f" of perplexities per {one}"
        told += f"; {relation(row)} {best}: ratio{of} {row['ratio']:.3f} ({interval(row, 'ratio', '.3f')})"
    what = parts or f"the best {'n-gram' if name in NGRAM_MODELS else 'language'} model"
    return f"compare: {name}, {what}: {told}"


if __name__ == "__main__":
    main()
