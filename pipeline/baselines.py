"""Stage: n-gram models, the baselines of language models, measured on the same targets."""

from pathlib import Path

import numpy as np

from pipeline.ngrams.text import training_text
from pipeline.records.example import NEXT_WORDS, Example
from pipeline.records.models import Expected, Guesses
from pipeline.run.command import stage
from pipeline.run.console import Metrics, say
from pipeline.run.outputs import whole_directory
from pipeline.scores.figures import in_short, split_figures, write_scores
from pipeline.scores.markov_scores import markov_chances_after, markov_models, score_by_markov
from pipeline.scores.next_words import next_words
from pipeline.scores.targets import read_targets
from pipeline.scores.wording import measure_of, reached
from pipeline.settings.checked import checked_params
from pipeline.store.sequences import HELD_OUT, Sequences
from pipeline.store.vocabulary import WORDS


@stage
def main(database: Path, example: Path, folder: Path) -> dict[str, Metrics]:
    """Count the n-grams of DATABASE's training split; write the scores of the other two splits into FOLDER by model.

    Also writes the surprisal of each word of EXAMPLE's sentence, and the likeliest words after its beginnings.
    """
    params = checked_params("baselines")
    sequences = Sequences(database)
    text = training_text(sequences, params.baselines.most_words, params.train.seed)
    words = int(np.count_nonzero(text >= WORDS.start))
    shared: Metrics = {"vocabulary_size": len(sequences.vocabulary), "train_tokens": words}
    targets = {split: read_targets(sequences, split) for split in HELD_OUT}
    figures: dict[str, Metrics] = {}
    followed = Example.read(example)
    openings = [beginning.ids for beginning in followed.beginnings]
    with whole_directory(folder) as directory:
        for name, model in markov_models(sequences, text):
            scores = {split: score_by_markov(model, sequences, split) for split in HELD_OUT}
            figures[name] = shared | in_short(split_figures(scores, targets))
            (directory / name).mkdir()
            write_scores(directory / name, scores)
            bits = in_bits(scores["test"][followed.place :][: len(followed.ids)])
            after = [next_words(sequences.vocabulary, markov_chances_after(model, ids), NEXT_WORDS) for ids in openings]
            Guesses(epochs=[Expected(bits=bits)], next=after).write(directory / name / "guesses.json")
    told = ", ".join(f"{reached(found, 'test')} {name.replace('_', ' ')}" for name, found in figures.items())
    say(f"baselines: test {measure_of(figures['unigram'])} {told}")
    return figures


def in_bits(scores: np.ndarray) -> list[float]:
    """Return the surprisal of each place in bits, with two decimals, from `scores` (places,) of dtype `SCORE`."""
    bits: list[float] = (-scores["log_probability"] / np.log(2)).round(2).tolist()
    return bits


if __name__ == "__main__":
    main()
