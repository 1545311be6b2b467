"""The characters of a split, and the bits that spell its unknown words."""

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
