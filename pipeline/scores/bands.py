"""Perplexities of parts of a split: by the frequency of words in training, and by the position in a sentence."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from pipeline.scores.figures import intervals
from pipeline.scores.targets import Targets
from pipeline.store.vocabulary import END


class Band(NamedTuple):
    """A part of a split's targets, and its name."""

    name: str
    targets: Targets


def frequency_bands(targets: Targets, train_counts: np.ndarray) -> Iterator[Band]:
    """Yield the words by their count in training, a band for each power of ten, then UNKNOWN and END.

    `train_counts` (V,) counts each word id. Bands without a target are left out.
    """
    yield from _bands(targets.words(), train_counts[targets.ids], 10)
    for name, id in (("UNKNOWN", targets.unknown), ("END", END)):
        if (found := targets.only(targets.ids == id)).counted.any():
            yield Band(name, found)


def position_bands(targets: Targets) -> Iterator[Band]:
    """Yield the targets by their position in the sentence, from 1, a band for each power of two; END has one, too."""
    ends = np.flatnonzero(targets.ids == END)
    lengths = np.diff(ends, prepend=-1)
    yield from _bands(targets, np.arange(1, len(targets.ids) + 1) - np.repeat(ends + 1 - lengths, lengths), 2)


def _bands(targets: Targets, values: np.ndarray, base: int) -> Iterator[Band]:
    """Yield the targets by their `values` (places,): 0, 1 to base - 1, base to base * base - 1 and so on."""
    least, most = 0, 0
    while least <= values.max():
        found = targets.only((least <= values) & (values <= most))
        if found.counted.any():
            yield Band(f"{least:,}" if least == most else f"{least:,} to {most:,}", found)
        least, most = most + 1, base * (most + 1) - 1


def perplexities_by_band(scores: Mapping[str, np.ndarray], bands: Iterator[Band]) -> list[dict[str, Any]]:
    """Return a row for each band: its name, the number of its targets, and each model's perplexity with its interval.

    `scores` has the split's scores by model, (places,) of dtype `SCORE`.
    """
    rows: list[dict[str, Any]] = []
    losses, counts = [], []
    for name, targets in bands:
        rows.append({"band": name, "targets": int(targets.counted.sum())})
        losses.append([targets.by_article(-own["log_probability"]) for own in scores.values()])
        counts.append([targets.by_article(targets.counted)])
    sums, of = np.array(losses), np.array(counts)  # (bands, models, articles) and (bands, 1, articles)
    figures = np.exp([sums.sum(axis=-1) / of.sum(axis=-1), *intervals(sums, of)])
    for row, found in zip(rows, figures.transpose(1, 2, 0).tolist(), strict=True):
        row["models"] = {
            name: dict(zip(("perplexity", "low", "high"), own, strict=True))
            for name, own in zip(scores, found, strict=True)
        }
    return rows
