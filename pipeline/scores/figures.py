"""Perplexities with their intervals, from the scores of a model at each place of a split."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipeline.run.console import Metrics
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_array
from pipeline.scores.targets import Targets
from pipeline.store.sequences import HELD_OUT

DRAWS = 1000  # of the articles, for an interval
SCORE = np.dtype([("log_probability", np.float32), ("right", bool)])
FILE = "{split}_scores.npy"


def write_scores(folder: Path, scores: Mapping[str, np.ndarray]) -> None:
    """Write a model's scores by split into `folder`."""
    for split, own in scores.items():
        np.save(folder / FILE.format(split=split), own)


def read_scores(folder: Path, targets: Mapping[str, Targets], *, stage: str) -> dict[str, np.ndarray]:
    """Return the scores that `stage` wrote into `folder` by split; they stay on disk and are read as they are used.

    Raises `UserError` if they are damaged, or belong to other places than these `targets`.
    """
    found = {}
    for split, own in targets.items():
        path = folder / FILE.format(split=split)
        found[split] = read_array(path, f"run `dvc repro --force {stage}`")
        if found[split].shape != own.ids.shape or found[split].dtype != SCORE:
            raise UserError(f"{path}: belongs to another sequences.db; run `dvc repro {stage}`")
    return found


def split_figures(scores: Mapping[str, np.ndarray], targets: Mapping[str, Targets]) -> Metrics:
    """Return the `perplexity_figures` of each split of `targets`, with the name of the split before each name."""
    each = {split: perplexity_figures(scores[split], own) for split, own in targets.items()}
    return {f"{split}_{name}": value for split, figures in each.items() for name, value in figures.items()}


def in_short(figures: Metrics) -> Metrics:
    """Return figures without the plain intervals and the intervals of known words, which `compare` lists."""
    intervals = {f"{split}_perplexity_{end}" for split in HELD_OUT for end in ("low", "high")}
    return {name: value for name, value in figures.items() if "_known_" not in name and name not in intervals}


def perplexity_figures(scores: np.ndarray, targets: Targets) -> Metrics:
    """Return the figures of a model's `scores` (places,) of dtype `SCORE`: perplexity, its interval, accuracy.

    The known words, if there are any, also have figures of their own, because UNKNOWN and END are easy to guess.
    """
    words = targets.words()
    losses, counts = mean_losses(scores, targets)
    low, high = interval(losses, counts)
    figures: Metrics = {
        "targets": int(targets.counted.sum()),
        "perplexity": _exp(losses.sum() / counts.sum()),
        "perplexity_low": _exp(low),
        "perplexity_high": _exp(high),
        "accuracy": float(scores["right"][targets.counted].mean()),
    }
    if words.counted.any():
        figures["known_perplexity"] = perplexity(scores, words)
        figures["known_accuracy"] = float(scores["right"][words.counted].mean())
    return figures


def perplexity(scores: np.ndarray, targets: Targets) -> float:
    """Return the exponential of the mean cross-entropy of the targets; infinite if it is too large for a float."""
    losses, counts = mean_losses(scores, targets)
    return _exp(losses.sum() / counts.sum())


def mean_losses(scores: np.ndarray, targets: Targets) -> tuple[np.ndarray, np.ndarray]:
    """Return the summed cross-entropy in nats and the number of targets of each article, (articles,) each."""
    return targets.by_article(-scores["log_probability"]), targets.by_article(np.ones(len(scores)))


def perplexity_ratio(one: np.ndarray, other: np.ndarray, targets: Targets) -> Metrics:
    """Return the `ratio` of two models' perplexities on the same targets, and its interval, from the same draws."""
    losses, counts = mean_losses(one, targets)
    other_losses, _ = mean_losses(other, targets)
    low, high = interval(losses - other_losses, counts)
    ratio = _exp((losses.sum() - other_losses.sum()) / counts.sum())
    return {"ratio": ratio, "ratio_low": _exp(low), "ratio_high": _exp(high)}


def interval(sums: np.ndarray, counts: np.ndarray) -> list[float]:
    """Return the ends of the interval of a mean, from its sums and counts by article, (articles,) each.

    An interval is the middle 95% of a mean's values when articles are drawn anew with replacement (the bootstrap; Efron
    1979): sentences of one article are alike, so drawing sentences would make it too narrow. Draws without a target are
    left out.
    """
    random, articles, means = np.random.default_rng(0), len(sums), np.empty(DRAWS)
    for draw in range(DRAWS):
        times = np.bincount(random.integers(articles, size=articles), minlength=articles).astype(float)
        with np.errstate(invalid="ignore"):
            means[draw] = (sums @ times) / (counts @ times)
    ends: list[float] = np.nanpercentile(means, [2.5, 97.5]).tolist()
    return ends


def unigram_scores(target_counts: np.ndarray, targets: Targets) -> np.ndarray:
    """Return the scores of the unigram model of the training targets; `target_counts` (V,) counts each word id.

    1 is added to every count, so that no id has the probability 0.
    """
    counts = target_counts + 1
    scores = np.empty(len(targets.ids), SCORE)
    scores["log_probability"] = np.log(counts / counts.sum())[targets.ids]
    scores["right"] = targets.ids == counts.argmax()
    return scores


def _exp(value: float) -> float:
    """Return the exponential; infinite if it is too large for a float."""
    with np.errstate(over="ignore"):
        return float(np.exp(value))
