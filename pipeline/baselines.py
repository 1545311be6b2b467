"""Stage: Markov models, the simpler ones to test against, on the very targets that language models are tested on."""

from pathlib import Path

import numpy as np

from pipeline.batches.rows import SequenceData
from pipeline.ngrams.evaluation import evaluate, markov_models, training_text
from pipeline.ngrams.models import MOST_IDS
from pipeline.run.console import Metrics, UserError, say, stage
from pipeline.settings import load_params
from pipeline.store.vocabulary import END


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
    models = markov_models(text, size, params.end_fraction)
    figures: Metrics = {"vocabulary_size": size, "train_tokens": int(np.count_nonzero(text > END))}
    for split in ("valid", "test"):
        figures |= evaluate(models, data, split)
    say(
        "baselines: test perplexity "
        + ", ".join(f"{figures[f'{name}_test_perplexity']:.1f} {name.replace('_', ' ')}" for name in models)
    )
    return figures


if __name__ == "__main__":
    main()
