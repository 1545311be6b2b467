"""Stage: Markov models, the baselines of language models, on the very targets that those are tested on."""

from pathlib import Path

import numpy as np

from pipeline.batches.rows import SequenceData
from pipeline.ngrams.evaluation import evaluate, markov_models, training_text
from pipeline.run.console import Metrics, say, stage
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
    text = training_text(data.sequences, params.baselines.most_words, seed)
    counted: Metrics = {"vocabulary_size": size, "train_tokens": int(np.count_nonzero(text >= WORDS.start))}
    figures = {name: counted | evaluate(build(), data) for name, build in markov_models(data.sequences, text).items()}
    say(
        "baselines: test perplexity "
        + ", ".join(f"{found['test_perplexity']:.1f} {name.replace('_', ' ')}" for name, found in figures.items())
    )
    return figures


if __name__ == "__main__":
    main()
