"""Perplexities with their intervals, from the scores of a model at each place of a split."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from pipeline.records.figures import SplitFigures
from pipeline.run.arrays import read_array
from pipeline.run.console import Metrics
from pipeline.run.errors import UserError
from pipeline.scores.targets import Targets
from pipeline.store.scale import SCALES
from pipeline.store.sequences import FEW_ARTICLES, HELD_OUT

SCORE = np.dtype([("log_probability", np.float32), ("right", bool)])
SCORES_FILE = "{split}_scores.npy"


def write_scores(folder: Path, scores: Mapping[str, np.ndarray]) -> None:
    """Write a model's scores by split into `folder`."""
    for split, own in scores.items():
        np.save(folder / SCORES_FILE.format(split=split), own)


def read_scores(folder: Path, targets: Mapping[str, Targets], *, stage: str) -> dict[str, np.ndarray]:
    """Return the scores that `stage` wrote into `folder` by split; they stay on disk and are read as they are used.

    Raises `UserError` if they are damaged, or belong to other places than these `targets`.
    """
    found = {}
    for split, own in targets.items():
        path = folder / SCORES_FILE.format(split=split)
        found[split] = read_array(path, f"run `dvc repro -f -s {stage}`")
        if found[split].shape != own.ids.shape or found[split].dtype != SCORE:
            raise UserError(f"{path}: belongs to another sequences.db; run `dvc repro {stage}`")
    return found


def split_figures(scores: Mapping[str, np.ndarray], targets: Mapping[str, Targets]) -> Metrics:
    """Return the `perplexity_figures` of each split of `targets`, with the name of the split before each name."""
    found: Metrics = {}
    for split, own in targets.items():
        found |= perplexity_figures(scores[split], own).of(split)
    return found


def in_short(figures: Metrics) -> Metrics:
    """Return figures without the numbers of articles, the intervals and the known words, which `compare` lists."""
    ends = [f"{scale.key}_{end}" for scale in SCALES for end in ("low", "high")]
    listed = {f"{split}_{name}" for split in HELD_OUT for name in ("articles", *ends)}
    return {name: value for name, value in figures.items() if "_known_" not in name and name not in listed}


def perplexity_figures(scores: np.ndarray, targets: Targets) -> SplitFigures:
    """Return the figures of a model's `scores` (places,) of dtype `SCORE`: `with_interval` of the perplexity, accuracy.

    The known words, if there are any, also have figures of their own, because UNKNOWN and END are easy to guess.
    """
    words = targets.words()
    losses, counts = mean_losses(scores, targets)
    figures: Metrics = {
        "targets": int(targets.counted.sum()),
        "articles": int(np.count_nonzero(counts)),
        **with_interval("perplexity", losses, counts),
        "accuracy": float(scores["right"][targets.counted].mean()),
    }
    if targets.sizes is not None:
        in_bytes, in_words = targets.sizes.T
        figures |= with_interval("bits_per_byte", losses / math.log(2), in_bytes, of=lambda mean: max(0.0, float(mean)))
        figures["word_perplexity"] = exponential(losses.sum() / max(1, in_words.sum()))
    elif words.counted.any():
        figures["known_perplexity"] = perplexity(scores, words)
        figures["known_accuracy"] = float(scores["right"][words.counted].mean())
    return SplitFigures.model_validate(figures)


def perplexity(scores: np.ndarray, targets: Targets) -> float:
    """Return the exponential of the mean cross-entropy of the targets; infinite if it is too large for a float."""
    losses, counts = mean_losses(scores, targets)
    return exponential(losses.sum() / counts.sum())


def mean_losses(scores: np.ndarray, targets: Targets) -> tuple[np.ndarray, np.ndarray]:
    """Return the summed cross-entropy in nats and the number of targets of each article, (articles,) each."""
    return targets.by_article(-scores["log_probability"]), targets.by_article(np.ones(len(scores)))


def perplexity_ratio(one: np.ndarray, other: np.ndarray, targets: Targets) -> Metrics:
    """Return the `ratio` of two models' perplexities on the same targets, `with_interval` of the paired differences."""
    losses, counts = mean_losses(one, targets)
    other_losses, _ = mean_losses(other, targets)
    return with_interval("ratio", losses - other_losses, counts)


def exponential(value: float) -> float:
    """Return the exponential; infinite if it is too large for a float."""
    with np.errstate(over="ignore"):
        return float(np.exp(value))


def with_interval(
    name: str, sums: np.ndarray, counts: np.ndarray, of: Callable[[float], float] = exponential
) -> Metrics:
    """Return the exponential of a mean as `name`, and the ends of its 95% interval as `name_low` and `name_high`.

    `of` is another function of the mean.
    `sums` and `counts`, (articles,) each, are the mean's by article. Words of one article are alike, so the standard
    error is by article: the root of the summed squares of how much the mean changes without each (HC3; MacKinnon and
    White 1985). Long articles count more, so Student's t has the degrees of freedom of a sum of squares of articles
    whose own means are equally uncertain (Satterthwaite 1946). Fewer than `FEW_ARTICLES` articles give no interval.
    """
    total, count = sums.sum(), counts.sum()
    mean = total / count
    figures: Metrics = {name: of(mean)}
    if np.count_nonzero(counts) >= FEW_ARTICLES:
        from scipy.special import stdtrit  # takes a while to import, which commands spare

        error = np.linalg.norm((total - sums) / (count - counts) - mean)
        margin = stdtrit((counts**2).sum() ** 2 / (counts**4).sum(), 0.975) * error
        figures |= {f"{name}_low": of(mean - margin), f"{name}_high": of(mean + margin)}
    return figures


def unigram_perplexity(target_counts: np.ndarray, targets: Targets) -> float:
    """Return the perplexity of the unigram model of the training targets; `target_counts` (V,) counts each word id.

    1 is added to every count, so that no id has the probability 0.
    """
    counts = target_counts + 1
    scores = np.zeros(len(targets.ids), SCORE)
    scores["log_probability"] = np.log(counts / counts.sum())[targets.ids]
    return perplexity(scores, targets)
