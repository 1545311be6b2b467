"""Stage: language models, n-gram models and mixtures of them on one scale, with intervals of their differences."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.run.console import Metrics, say, stage
from pipeline.run.outputs import write_json
from pipeline.scores.figures import perplexity, perplexity_ratio, read_scores, split_figures
from pipeline.scores.mixture import mix, mixture_weights
from pipeline.scores.targets import Targets, read_targets
from pipeline.scores.wording import ends, interval, measure, reached, relation
from pipeline.settings import load_params
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.store.sequences import HELD_OUT, Sequences

Scores = dict[str, np.ndarray]  # of a model, by split


class Comparison(NamedTuple):
    """Models' scores by name, the weights of the models in each mixture, and the targets."""

    scores: dict[str, Scores]
    weights: dict[str, dict[str, float]]
    targets: Mapping[str, Targets]  # by split

    def valid_perplexity(self, name: str) -> float:
        """Return the perplexity of a model on the validation split."""
        return perplexity(self.scores[name]["valid"], self.targets["valid"])

    def add_mixture(self, name: str, of: Sequence[str]) -> None:
        """Add a mixture of some models, whose weights are found on the validation split."""
        weights = mixture_weights([self.scores[each]["valid"] for each in of], self.targets["valid"])
        self.weights[name] = dict(zip(of, weights.tolist(), strict=True))
        self.scores[name] = {split: mix([self.scores[each][split] for each in of], weights) for split in HELD_OUT}

    def figures(self, name: str, best: str | None) -> Metrics:
        """Return a model's figures, with the ratio of its perplexity to the `best` model's."""
        scores, targets = self.scores[name]["test"], self.targets["test"]
        row = {"valid_perplexity": self.valid_perplexity(name)} | split_figures({"test": scores}, {"test": targets})
        if name in self.weights:  # `mix` gives no accuracy
            row = {key: value for key, value in row.items() if "accuracy" not in key}
        if best and name != best:
            row |= perplexity_ratio(scores, self.scores[best]["test"], targets)
        return row


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
    compared = Comparison(scores, {}, targets)
    best = min(language, key=compared.valid_perplexity, default=None)
    ngram = min(NGRAM_MODELS, key=compared.valid_perplexity)
    for name, mixture in params.mixtures.items():
        of = mixture.of or [*language, ngram]
        if mixture.of or language:
            compared.add_mixture(name, of)
        else:
            say(f"compare: no mixture {name}: params.yaml has no language model")
    rows = {name: compared.figures(name, best) for name in compared.scores}
    for name in filter(None, (best, ngram, *compared.weights)):
        say(in_words(name, rows[name], compared.weights.get(name, {}), best))
    write_json(report, {"best": best, "rows": rows, "weights": compared.weights})
    return rows


def in_words(name: str, row: Metrics, weights: Mapping[str, float], best: str | None) -> str:
    """Return a model's figures in one line."""
    parts = " + ".join(f"{weight:.2f} {each}" for each, weight in weights.items())
    told = f"test {measure(row)} {reached(row, 'test')} ({ends(row, 'test')})"
    if "ratio" in row:
        of = " of perplexities per piece" if measure(row) != "perplexity" else ""
        told += f"; {relation(row)} {best}: ratio{of} {row['ratio']:.3f} ({interval(row, 'ratio', '.3f')})"
    what = parts or f"the best {'n-gram' if name in NGRAM_MODELS else 'language'} model"
    return f"compare: {name}, {what}: {told}"


if __name__ == "__main__":
    main()
