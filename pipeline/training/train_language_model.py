"""Language models, trained for their perplexity on rows at random or on the text as a stream."""

import gc
import math
import statistics
from functools import partial

import pytorch_lightning as L
import torch
from torch import Tensor

from models.sample import SamplingParams
from models.trainable import TrainableLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.run.console import Metrics, say
from pipeline.run.errors import UserError
from pipeline.scores.figures import split_figures, unigram_perplexity
from pipeline.scores.model_scores import score_split
from pipeline.scores.targets import read_targets
from pipeline.scores.wording import ends, measure, reached
from pipeline.settings.model_sections import LanguageModelEntry, RecurrentModel
from pipeline.store.example import NEXT_WORDS, beginnings, example
from pipeline.store.sequences import HELD_OUT
from pipeline.store.vocabulary import WORDS
from pipeline.training.devices import make_if_it_fits
from pipeline.training.fit import BestEpoch, fit
from pipeline.training.guesses import likeliest, next_chances, read_sentence
from pipeline.training.job import Job
from pipeline.training.learnt import Learnt, before_sentence, record_of
from pipeline.training.svd import start_from_counts
from pipeline.training.written import write_sentences

ARGUMENTS = set(RecurrentModel.model_fields) - {"start", "gradient_clip", "batches", "epochs", "patience"}
SAMPLES, MOST_WORDS = 3, 30
# Initial vectors are counted with more frequent words than are best for word vectors, and in so many words.
COUNTED, COUNTED_WORDS = 0.001, 5e6


def train_language_model(job: Job[LanguageModelEntry]) -> Learnt:
    """Train the language model of a job with each of its seeds; return the one with the lowest validation perplexity.

    Its figures include the mean and the standard deviation of all seeds. It writes the first sentences of its seed.
    """
    best, model, own, spread = learn_seeds(job)
    figures = best.figures | spread
    known = figures.get("test_known_perplexity")  # none if the split has no known word
    say(
        f"{job.name}: {measure(figures)} {reached(figures, 'valid')} valid (unigram "
        f"{reached(figures, 'valid', figures['unigram_valid_perplexity'])}), {reached(figures, 'test')} test "
        f"({ends(figures, 'test')}; unigram {reached(figures, 'test', figures['unigram_perplexity'])})"
        + (f"; {known:.1f} on known words" if known else "")
        + (f"; perplexity {figures['test_word_perplexity']:,.1f} per word" if "test_word_perplexity" in figures else "")
    )
    data = data_of(own)
    vocabulary = data.sequences.vocabulary
    written = write_sentences(model, best.record, vocabulary, SAMPLES, MOST_WORDS, SamplingParams(), seed=own.seed)
    sentences = [vocabulary.text(ids) for ids in written]
    before = before_sentence(best.record)
    after = [likeliest(next_chances(model, before, ids), NEXT_WORDS) for ids in beginnings(data.sequences)]
    learnt = best._replace(figures=figures, sentences=sentences, next_words=after)
    return add_dynamic(own.name, learnt, model, data) if job.settings.dynamic_evaluation else learnt


def add_dynamic(name: str, learnt: Learnt, model: TrainableLanguageModel, data: SequenceData) -> Learnt:
    """Return a model with what dynamic evaluation needs and reaches on the test split, unless it diverges there."""
    from pipeline.scores.dynamic_evaluation import choose_rate, dynamic_scores, gradient_rms

    gradients = gradient_rms(name, model, data)
    rate = choose_rate(name, model, data, gradients)
    scores = {"test_dynamic": dynamic_scores(f"{name}: test", model, data, "test", gradients, rate)}
    found = split_figures(scores, {"test_dynamic": read_targets(data.sequences, "test")})
    kept = "test_dynamic_perplexity", "test_dynamic_bits_per_byte"
    figures = learnt.figures | {key: value for key, value in found.items() if key.startswith(kept)}
    told = f"{reached(figures, 'test_dynamic')} ({ends(figures, 'test_dynamic')})"
    say(f"{name}: test {measure(figures)} with dynamic evaluation {told}; learning rate {rate:g}")
    if not all(map(math.isfinite, figures.values())):
        return learnt
    record = learnt.record | {"dynamic_evaluation": rate}
    return learnt._replace(record=record, figures=figures, scores={**learnt.scores, **scores}, gradients=gradients)


def learn_seeds(
    job: Job[RecurrentModel], *, quiet: bool = False
) -> tuple[Learnt, TrainableLanguageModel, Job[RecurrentModel], Metrics]:
    """Train with each of a job's seeds; return what `learn` does for the seed of the lowest validation perplexity.

    Also returns that seed's job and the figures of all: the number of seeds and, if several, the mean and the standard
    deviation of their perplexities.
    """
    best: list[tuple[Learnt, TrainableLanguageModel, Job[RecurrentModel]]] = []  # at most one
    figures: list[Metrics] = []
    for seed in range(job.seed, job.seed + job.seeds):
        own = job._replace(seed=seed, name=job.name if job.seeds == 1 else f"{job.name}, seed {seed}")
        L.seed_everything(seed, verbose=False)
        learnt, model = learn(own, data_of(own), quiet=quiet)
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
    job: Job[RecurrentModel], data: SequenceData, *, quiet: bool = False
) -> tuple[Learnt, TrainableLanguageModel]:
    """Train a language model on `data` until its validation loss no longer falls.

    Returns the trained model with its figures on both held-out splits, and the torch model with its best weights, on
    the device that trained it. If `quiet`, it prints nothing about its epochs. Raises `UserError` if settings do not
    fit the vocabulary.
    """
    target_counts = data.target_counts()
    try:
        size, counts = len(target_counts), torch.from_numpy(target_counts)
        model = make_if_it_fits(lambda: make_language_model(job.settings, size, counts), job.key)
    except ValueError as error:
        raise UserError(f"params.yaml: {job.key}: {error}") from None
    figures: Metrics = {}
    checksum = None
    if isinstance(job.settings, LanguageModelEntry) and job.settings.start.kind in ("file", "model"):
        from pipeline.training.pretrained import NETWORK, start_from_file, start_from_model

        if (start := job.settings.start).kind == "model":
            network = job.settings.model_dump(include=NETWORK)
            checksum = start_from_model(job.key, start, network, model, data.sequences.vocabulary)
        elif start.kind == "file":
            figures, checksum = start_from_file(job.key, start, model.embedding, data.sequences.vocabulary)
    checkpoint = job.checkpoint(checksum)
    spent = 0.0 if checkpoint.exists() else start_from_counts(job, model, data.sequences, COUNTED, COUNTED_WORDS)
    record = record_of(job.settings, job.seed, data.sequences.vocabulary)
    sentence = example(data.sequences)[1].tolist()
    guess = None if quiet else partial(read_sentence, before=before_sentence(record), sentence=sentence)
    targets = {split: read_targets(data.sequences, split) for split in HELD_OUT}
    watch = BestEpoch(job, spent, guess, targets["valid"].bits_of_a_nat)
    figures |= fit(job, model, data, watch, checkpoint, job.settings.gradient_clip)
    figures["parameters"] = sum(weights.numel() for weights in model.parameters())  # a tied matrix counts once
    figures["train_tokens"] = int(target_counts[WORDS.start :].sum())
    figures["vocabulary_size"] = len(target_counts)
    scores = {split: score_split(job.name, model, data, split) for split in HELD_OUT}
    figures |= split_figures(scores, targets)
    for split, name in zip(HELD_OUT, ("unigram_valid_perplexity", "unigram_perplexity"), strict=True):
        figures[name] = unigram_perplexity(target_counts, targets[split])
    weights = {name: weight.cpu() for name, weight in model.state_dict().items()}
    return Learnt(record, weights, figures, watch.epochs, target_counts, scores, guesses=watch.guesses), model


def make_language_model(settings: RecurrentModel, vocabulary_size: int, counts: Tensor) -> TrainableLanguageModel:
    """Return a new language model by its settings; `counts` (V,) says how often each word id is a target.

    If its vectors start at random, so do the biases of its softmax.
    Raises `ValueError` if the settings do not fit the vocabulary.
    """
    known = None if settings.start.kind == "random" else counts
    return TrainableLanguageModel(vocabulary_size, **settings.model_dump(include=ARGUMENTS), counts=known)


def data_of(job: Job[RecurrentModel]) -> SequenceData:
    """Return the batches for the settings of a job."""
    return SequenceData(job.database, seed=job.seed, batches=job.settings.batches)
