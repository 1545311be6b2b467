"""Bits per character: one scale for the models of all vocabularies of one text."""

import math
from typing import NamedTuple

from pipeline.store.sequences import Sequences


class Spelling(NamedTuple):
    """The number of characters of a split, and the bits that spell its unknown words; `meta` of sequences.db has both.

    The characters (code points) of a split are the characters of its words, and one more for each word: the blank after
    it, or the line end after a row's last word. END stands for that line end, so it adds none.
    """

    unknown_bits: float  # bits that spell all words of the split that the vocabulary lacks
    characters: int


def spelling(sequences: Sequences, split: str) -> Spelling | None:
    """Return the spelling of a split, or None if the text itself has UNKNOWN in place of words."""
    meta = sequences.meta
    if f"characters_{split}" not in meta:
        return None
    return Spelling(float(meta[f"unknown_bits_{split}"]), int(meta[f"characters_{split}"]))


def bits_per_character(nats: float, spelling: Spelling, uncounted: int = 0) -> float:
    """Return the bits that a model needs for each character of a text, including the bits of unknown words.

    `nats` is the sum of -ln p over all words of the text and the END of each row but `uncounted` ones, whose line ends
    do not count, either. UNKNOWN is easier to predict than a word, so a model that knows few words would seem better.
    So each UNKNOWN also costs the bits that spell its word (Brown et al. 1992, "An Estimate of an Upper Bound for the
    Entropy of English").
    """
    return (nats / math.log(2) + spelling.unknown_bits) / (spelling.characters - uncounted)
