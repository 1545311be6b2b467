"""The records of a trained model, in its folder."""

from typing import Annotated, Any

from pydantic import Strict

from pipeline.records.record import Record

Chance = Annotated[tuple[int, float], Strict(False)]  # a word id with its probability; JSON has lists for tuples
LikelyWords = list[Chance]  # the likeliest first


class ModelRecord(Record):
    """`model.json`: what decides a model's weights. `vocabulary` is the fingerprint of its words.

    `settings` are all of its entry in params.yaml. `dynamic_evaluation` is the learning rate that validation chose.
    """

    seed: int
    vocabulary_size: int
    vocabulary: str
    settings: dict[str, Any]
    dynamic_evaluation: float | None = None


class Sentences(Record):
    """`sentences.json`: what a language model writes with a seed."""

    seed: int
    sentences: list[str]


class Expected(Record):
    """What a model expects in a sentence: the surprisal of each word in bits, and the likeliest ids in its place."""

    bits: list[float]
    guesses: list[list[int]]


class Guesses(Record):
    """`guesses.json`: what a language model expected in the page's sentence after each epoch of its training.

    `next` has its likeliest words after each of the page's beginnings.
    """

    epochs: list[Expected]
    next: list[LikelyWords]
