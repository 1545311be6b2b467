"""The scales on which models of a text are measured: perplexity, and bits per byte.

A figure has its scale's key after its split: `test_perplexity`, `test_bits_per_byte`.
"""

import math
from collections.abc import Mapping
from typing import Any


class Scale:
    """Perplexity, the exponential of the mean cross-entropy: comparable at one vocabulary only."""

    key, name, form = "perplexity", "perplexity", ",.1f"
    columns: tuple[str, ...] = ()  # of the table articles of sequences.db, which the scale needs
    note = ""  # on the page

    def at(self, perplexity: float, figures: Mapping[str, Any], split: str) -> float:
        """Return the figure that a model with another perplexity has on the split of `figures`."""
        return perplexity

    def epoch(self, bits_of_a_nat: float | None, figures: Mapping[str, float]) -> str:
        """Return the losses of an epoch in words; a nat is so many bits per byte, if there are bytes."""
        return f"perplexity {figures['train_perplexity']:.1f} train, {figures['valid_perplexity']:.1f}"

    def more(self, figures: Mapping[str, Any]) -> str:
        """Return what else `figures` have of the test split, in words; empty without known words there."""
        known = figures.get("test_known_perplexity")
        return f"; {known:.1f} on known words" if known else ""


class BitsPerByte(Scale):
    """The bits of a text divided by its bytes in UTF-8: one scale for all vocabularies that give the text back."""

    key, name, form, columns = "bits_per_byte", "bits per byte", ".3f", ("bytes", "words")
    note = "Bits per byte are those of the text in UTF-8, the same scale for every vocabulary that gives the text back."

    def at(self, perplexity: float, figures: Mapping[str, Any], split: str) -> float:
        own: float = figures[f"{split}_bits_per_byte"]
        return own * math.log(perplexity) / math.log(figures[f"{split}_perplexity"])

    def epoch(self, bits_of_a_nat: float | None, figures: Mapping[str, float]) -> str:
        assert bits_of_a_nat
        return f"bits per byte {bits_of_a_nat * figures['valid_loss']:.3f}"

    def more(self, figures: Mapping[str, Any]) -> str:
        return f"; perplexity {figures['test_word_perplexity']:,.1f} per word"


SCALES = PERPLEXITY, BITS_PER_BYTE = Scale(), BitsPerByte()


def scale_of(figures: Mapping[str, Any], prefix: str = "test_") -> Scale:
    """Return the scale on which a model was measured, by the keys of its figures, which begin with `prefix`."""
    return BITS_PER_BYTE if f"{prefix}{BITS_PER_BYTE.key}" in figures else PERPLEXITY
