"""Stage: Markov models, the baselines of language models, on the very targets that those are tested on."""

from pathlib import Path

import numpy as np

from pipeline.batches.rows import SequenceData
from pipeline.ngrams.evaluation import evaluate, markov_models, training_text
from pipeline.ngrams.models import MOST_IDS
from pipeline.run.console import Metrics, UserError, say, stage
from pipeline.settings import load_params
from pipeline.store.vocabulary import WORDS


@stage
def main(database: Path) -> dict[str, Metrics]:
    """Count the n-grams of DATABASE's training split and measure the models made of them on the other two."""
    params = load_params(stage="baselines")
    seed = params.train.seed
    data = SequenceData(database, seed=seed)
    data.setup("test")
    size = len(data.sequences.vocabulary)
    if size > MOST_IDS:
        raise UserError(
            f"{database}: has {size:,} word ids, and n-grams of at most {MOST_IDS:,} can be counted: "
            "lower vocabulary.size"
        )
    text = training_text(data.sequences, params.baselines.most_words, seed)
    models = markov_models(data.sequences, text)
    counted: Metrics = {"vocabulary_size": size, "train_tokens": int(np.count_nonzero(text >= WORDS.start))}
    figures = {name: dict(counted) for name in models}
    for split in ("valid", "test"):
        for name, found in evaluate(models, data, split).items():
            figures[name] |= found
    say(
        "baselines: test perplexity "
        + ", ".join(f"{found['test_perplexity']:.1f} {name.replace('_', ' ')}" for name, found in figures.items())
    )
    return figures


if __name__ == "__main__":
    main()
