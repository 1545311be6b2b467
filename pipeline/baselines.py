"""Stage: Markov models, the simpler ones to test against, on the very targets that language models are tested on."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models.language_model import IGNORED, Batch
from pipeline.corpus.ngrams import MOST_IDS, MarkovModel, add_one, kneser_ney
from pipeline.corpus.sampling import SequenceData
from pipeline.corpus.sequences import Sequences
from pipeline.corpus.words import END, START
from pipeline.run.console import Metrics, UserError, progress, say, stage
from pipeline.run.params import load_params

ROWS_AT_ONCE = 10_000


@stage
def main(database: Path) -> Metrics:
    """Count the n-grams of DATABASE's training split and measure the models made of them on the other two."""
    everything = load_params()
    params = everything.train
    data = SequenceData(database, batch_tokens=params.batch_tokens, end_fraction=params.end_fraction, seed=params.seed)
    data.setup("test")
    size = int(data.sequences.meta["vocabulary_size"])
    if size > MOST_IDS:
        raise UserError(
            f"{database}: has {size:,} word ids, and n-grams of at most {MOST_IDS:,} can be counted: "
            "lower vocabulary.size"
        )
    text = training_text(data.sequences, everything.baselines.most_words, params.seed)
    models = {
        "unigram": add_one(text, 1, size, params.end_fraction),
        "bigram_add_one": add_one(text, 2, size, params.end_fraction),
        "bigram_kneser_ney": kneser_ney(text, 2, size, params.end_fraction),
        "trigram_kneser_ney": kneser_ney(text, 3, size, params.end_fraction),
    }
    figures: Metrics = {"vocabulary_size": size, "train_tokens": int(np.count_nonzero(text > END))}
    for split in ("valid", "test"):
        figures |= evaluate(models, data, split)
    say(
        "baselines: test perplexity "
        + ", ".join(f"{figures[f'{name}_test_perplexity']:.1f} {name.replace('_', ' ')}" for name in models)
    )
    return figures


def training_text(sequences: Sequences, most_words: int, seed: int) -> np.ndarray:
    """Rows of the training split, by id, each as START, words, END; one flat array.

    All rows, or as many of them, drawn at random, as have `most_words` words.
    """
    ids, lengths = sequences.ids_and_lengths("train")
    if lengths.sum() > most_words:
        order = np.random.default_rng(seed).permutation(len(ids))
        drawn = np.sort(order[: np.searchsorted(np.cumsum(lengths[order]), most_words, "right")])
        ids, lengths = ids[drawn], lengths[drawn]
    text = np.full(int(lengths.sum()) + 2 * len(ids), START, sequences.meta["dtype"])
    end = 0
    with progress("baselines", len(ids), "row") as bar:
        for start in range(0, len(ids), ROWS_AT_ONCE):
            some = ids[start : start + ROWS_AT_ONCE].tolist()
            for row in sequences.rows(some):
                text[end + 1 : end + 1 + len(row)] = row
                end += len(row) + 2
                text[end - 1] = END
            bar.update(len(some))
    return text


def evaluate(models: Mapping[str, MarkovModel], data: SequenceData, split: str) -> Metrics:
    """The number of targets of a split, and each model's perplexity and accuracy on them."""
    surprise, right = dict.fromkeys(models, 0.0), dict.fromkeys(models, 0)
    targets = 0
    loader = data.loader(split)
    with progress(f"baselines {split}", len(loader), "batch") as bar:
        for contexts, words in map(targets_of, loader):
            targets += len(words)
            for name, model in models.items():
                surprise[name] -= float(np.log(model.probabilities(contexts, words)).sum())
                right[name] += int((model.best(contexts) == words).sum())
            bar.update()
    figures: Metrics = {f"{split}_targets": targets}
    for name in models:
        figures[f"{name}_{split}_perplexity"] = math.exp(surprise[name] / targets)
        figures[f"{name}_{split}_accuracy"] = right[name] / targets
    return figures


def targets_of(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """The two words before each of a batch's n targets, (n, 2), and the targets, (n,)."""
    inputs, targets = batch.inputs.numpy(), batch.targets.numpy()
    before = np.pad(inputs[:, :-1], ((0, 0), (1, 0)), constant_values=START)
    predicted = targets != IGNORED
    return np.stack([before[predicted], inputs[predicted]], axis=1), targets[predicted]


if __name__ == "__main__":
    main()
