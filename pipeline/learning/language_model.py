"""Language models: fitted with each seed, measured, and followed by the page."""

import gc
import math
import statistics
from collections.abc import Sequence
from functools import partial

from models.sample import SamplingParams
from models.trainable import TrainableLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.records.example import NEXT_WORDS, Example
from pipeline.run.console import Metrics, say
from pipeline.scores.measured import measure, measure_dynamically
from pipeline.scores.next_words import next_words
from pipeline.scores.targets import read_targets
from pipeline.scores.wording import ends, measure_of, reached
from pipeline.settings.model_sections import LanguageModelEntry, RecurrentModel
from pipeline.store.scale import scale_of
from pipeline.store.sequences import HELD_OUT
from pipeline.trained.learnt import Learnt, before_sentence, record_of
from pipeline.trained.predictions import chances_after, read_sentence, write_sentences
from pipeline.training.job import Job
from pipeline.training.language_model import data_of, fit_language_model

SAMPLES, MOST_WORDS = 3, 30


def train_language_model(job: Job[LanguageModelEntry], example: Example) -> Learnt:
    """Train the language model of a job with each of its seeds; return the one with the lowest validation perplexity.

    Its figures include the mean and the standard deviation of all seeds. It writes the first sentences of its seed.
    """
    learnt, model, own, spread = learn_seeds(job, example.ids)
    learnt = learnt._replace(figures=learnt.figures | spread)
    say(f"{job.name}: {main_figures(learnt.figures)}")
    if worse := worse_than_unigram(learnt.figures):
        say(f"{job.name}: {worse}")
    data = data_of(own)
    data.companion = learnt.companion
    learnt = let_write(learnt, model, data, own.seed, example)
    return add_dynamic(own.name, learnt, model, data) if job.settings.dynamic_evaluation else learnt


def learn_seeds(
    job: Job[RecurrentModel], sentence: Sequence[int] | None = None
) -> tuple[Learnt, TrainableLanguageModel, Job[RecurrentModel], Metrics]:
    """Train with each of a job's seeds; return what `learn` does for the seed of the lowest validation perplexity.

    Also returns that seed's job and the figures of all: the number of seeds and, if several, the mean and the standard
    deviation of their perplexities.
    """
    best: list[tuple[Learnt, TrainableLanguageModel, Job[RecurrentModel]]] = []  # at most one
    figures: list[Metrics] = []
    for seed in range(job.seed, job.seed + job.seeds):
        own = job._replace(seed=seed, name=job.name if job.seeds == 1 else f"{job.name}, seed {seed}")
        learnt, model = learn(own, data_of(own), sentence)
        model.trainer = None  # which keeps the batches
        figures.append(learnt.figures)
        best = [min([*best, (learnt, model, own)], key=lambda each: each[0].figures["valid_perplexity"])]
        del learnt, model
        gc.collect()  # the trainer refers to itself, and keeps the optimizer's state and the database
    spread: Metrics = {"seeds": len(figures)}
    if len(figures) > 1:
        for split in HELD_OUT:
            each = [found[f"{split}_perplexity"] for found in figures]
            spread[f"{split}_perplexity_mean"] = statistics.mean(each)
            spread[f"{split}_perplexity_sd"] = statistics.stdev(each)
    return *best[0], spread


def learn(
    job: Job[RecurrentModel], data: SequenceData, sentence: Sequence[int] | None = None
) -> tuple[Learnt, TrainableLanguageModel]:
    """Fit a language model with one seed, and measure it on both held-out splits.

    After each epoch it reads the `sentence` of word ids; without one it prints nothing about its epochs. Returns the
    trained model with its figures, and the torch model with its best weights, on the device that trained it.
    """
    record = record_of(job.settings, job.seed, data.sequences.vocabulary)
    follow = partial(read_sentence, before=before_sentence(record), sentence=sentence) if sentence is not None else None
    losses = partial(data.sequences.vocabulary.scale.epoch, read_targets(data.sequences, "valid").bits_of_a_nat)
    model, figures, epochs, guesses, target_counts = fit_language_model(job, data, follow, losses)
    scores, measured = measure(job.name, model, data, target_counts)
    weights = {name: weight.cpu() for name, weight in model.state_dict().items()}
    ngrams = data.companion
    figures |= measured | ({"ngrams": ngrams.table.ngrams} if ngrams else {})
    return Learnt(record, weights, figures, epochs, target_counts, scores, guesses=guesses, companion=ngrams), model


def let_write(learnt: Learnt, model: TrainableLanguageModel, data: SequenceData, seed: int, example: Example) -> Learnt:
    """Return a model with the sentences that it writes, and its likeliest words after the page's beginnings."""
    vocabulary, before = data.sequences.vocabulary, before_sentence(learnt.record)
    written = write_sentences(model, learnt.record, vocabulary, SAMPLES, MOST_WORDS, SamplingParams(), seed=seed)
    after = [next_words(vocabulary, chances_after(model, before, each.ids), NEXT_WORDS) for each in example.beginnings]
    return learnt._replace(sentences=[vocabulary.text(ids) for ids in written], next_words=after)


def add_dynamic(name: str, learnt: Learnt, model: TrainableLanguageModel, data: SequenceData) -> Learnt:
    """Return a model with what dynamic evaluation needs and reaches on the test split, unless it diverges there."""
    rate, gradients, scores, found = measure_dynamically(name, model, data)
    figures = learnt.figures | found
    told = f"{reached(figures, 'test_dynamic')} ({ends(figures, 'test_dynamic')})"
    say(f"{name}: test {measure_of(figures)} with dynamic evaluation {told}; learning rate {rate:g}")
    if not all(map(math.isfinite, figures.values())):
        return learnt
    record = learnt.record.model_copy(update={"dynamic_evaluation": rate})
    both = {**learnt.scores, "test_dynamic": scores}
    return learnt._replace(record=record, figures=figures, scores=both, gradients=gradients)


def main_figures(figures: Metrics) -> str:
    """Return the perplexities of a model, and of the unigram model, in one line."""
    return (
        f"{measure_of(figures)} {reached(figures, 'valid')} valid (unigram "
        f"{reached(figures, 'valid', figures['unigram_valid_perplexity'])}), {reached(figures, 'test')} test "
        f"({ends(figures, 'test')}; unigram {reached(figures, 'test', figures['unigram_perplexity'])})"
        f"{scale_of(figures).more(figures)}"
    )


def worse_than_unigram(figures: Metrics) -> str:
    """Return what to do where a model predicts the validation split worse than word frequencies do; else nothing."""
    if figures["valid_perplexity"] <= figures["unigram_valid_perplexity"]:
        return ""
    return (
        f"worse than the unigram model: {figures['train_tokens']:,} tokens are too few for these settings; give more "
        "text or more epochs, or run `wikilm preset small` (docs/small_wikis.md)"
    )
