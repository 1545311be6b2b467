"""The bits that spell words outside the vocabulary, by a character model of the training text's rare words.

The model is interpolated modified Kneser-Ney over the characters of a word and its end. Characters that no rare word of
the training text has get their probability from a uniform distribution over all code points of Unicode, so every word
has a finite cost. Source: Brown et al. 1992, "An Estimate of an Upper Bound for the Entropy of English".
"""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.ngrams.markov import kneser_ney
from pipeline.ngrams.ngram_counts import SortedText, text_of
from pipeline.store.sequences import HELD_OUT, SPLITS
from pipeline.store.vocabulary import START, UNKNOWN_MARK, WORDS
from pipeline.words.layout import read_shard

LONGEST = 6  # characters in an n-gram
CODE_POINTS = 0x110000 - 0x800  # of Unicode, without surrogates
MOST_WORDS = 100_000  # on which the model is trained: the most frequent, about a million characters
ROWS_AT_ONCE = 1_000_000  # of the words of all shards, before they are merged
WORDS_AT_ONCE = 10_000
TRAIN = SPLITS.index("train")


class SpellingModel:
    """A character model of words with these `counts`."""

    def __init__(self, words: pa.StringArray, counts: np.ndarray) -> None:
        points, lengths = _characters(words)
        known = np.zeros(0x110000, bool)
        known[points] = True
        alphabet = np.flatnonzero(known)
        size = WORDS.start + len(alphabet) + 1  # START, END, the characters, and one id for all others
        self.other = size - 1
        self.ids = np.full(len(known), self.other, np.min_scalar_type(size))
        self.ids[alphabet] = np.arange(WORDS.start, self.other)
        text = text_of(self.ids[points], lengths)
        self.model = kneser_ney(SortedText(text, LONGEST, size, np.repeat(counts, lengths + 2)), LONGEST)

    def bits(self, words: pa.StringArray) -> np.ndarray:
        """Return -log2 of the probability of each word, its end included: float64."""
        found = [np.zeros(0)]
        for start in range(0, len(words), WORDS_AT_ONCE):
            points, lengths = _characters(words.slice(start, WORDS_AT_ONCE))
            text = text_of(self.ids[points], lengths)
            probabilities, _ = self.model.predict(text)
            probabilities[text == START] = 1
            probabilities[text == self.other] /= CODE_POINTS
            found.append(-np.add.reduceat(np.log2(probabilities), np.cumsum(lengths + 2) - lengths - 2))
        return np.concatenate(found)


class RareWords:
    """The words that the vocabulary lacks and how often each split has them, added shard by shard.

    Memory does not grow with the text: words of the validation and test splits go to files in the folder `scratch`, and
    only the most frequent words of the training split are kept. If the text itself has UNKNOWN, nothing is counted,
    because the spelling of those words is not known.
    """

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.words = [pa.array([], pa.string())]
        self.counts = [np.zeros((len(SPLITS), 0), np.int64)]  # of the words, by split
        self.characters = np.zeros(len(SPLITS), np.int64)
        self.marked = False  # whether the text has the mark of UNKNOWN

    def add(self, words: pa.Table, articles: pa.Table, splits: Sequence[str], rare: np.ndarray) -> None:
        """Count a shard: its table of `words`, its `articles`, the split of each, and which words are `rare`."""
        names = words["word"].combine_chunks()
        self.marked = self.marked or pc.index(names, UNKNOWN_MARK).as_py() >= 0
        if self.marked:
            return
        sequences = articles["sequences"].combine_chunks()
        tokens = sequences.values.values.to_numpy()
        bounds = itertools.pairwise(sequences.values.offsets.to_numpy()[sequences.offsets.to_numpy()])
        of: dict[str, list[np.ndarray]] = {split: [tokens[:0]] for split in SPLITS}
        for split, (start, stop) in zip(splits, bounds, strict=True):
            of[split].append(tokens[start:stop])
        counts = np.stack([np.bincount(np.concatenate(of[split]), minlength=len(words)) for split in SPLITS])
        self.characters += counts @ (pc.utf8_length(names).to_numpy() + 1)
        self.words.append(names.filter(pa.array(rare)))
        self.counts.append(counts[:, rare])
        if sum(map(len, self.words)) > ROWS_AT_ONCE:
            self._merge()
            pa.default_memory_pool().release_unused()  # without this, memory grows with the number of merges

    def meta(self) -> dict[str, float]:
        """Return `unknown_bits_SPLIT` and `characters_SPLIT` of the validation and the test split; see `Spelling`.

        Empty for a text that has the mark of UNKNOWN.
        """
        if self.marked:
            return {}
        self._merge()
        (words,), (counts,) = self.words, self.counts
        model = SpellingModel(words, counts[TRAIN])
        bits = np.zeros(len(SPLITS))
        for path in sorted(self.scratch.iterdir()):
            table = read_shard(path)
            each = model.bits(table["word"].combine_chunks())
            bits += [table[split].to_numpy() @ each for split in SPLITS]
        return {
            **{f"unknown_bits_{split}": round(float(bits[SPLITS.index(split)]), 1) for split in HELD_OUT},
            **{f"characters_{split}": int(self.characters[SPLITS.index(split)]) for split in HELD_OUT},
        }

    def _merge(self) -> None:
        """Write the words of the held-out splits to a file, and keep the most frequent of the training split."""
        every = pa.concat_arrays(self.words).dictionary_encode()
        words, numbers = every.dictionary, every.indices.to_numpy()
        counts = np.stack(
            [np.bincount(numbers, of, len(words)).astype(np.int64) for of in np.concatenate(self.counts, axis=1)]
        )
        held_out = np.flatnonzero(counts.sum(axis=0) > counts[TRAIN])
        table = {split: of[held_out] for split, of in zip(SPLITS, counts, strict=True)}
        number = len(list(self.scratch.iterdir()))
        pq.write_table(
            pa.table({"word": words.take(pa.array(held_out)), **table}), self.scratch / f"words-{number:05}.parquet"
        )
        most = np.argsort(-counts[TRAIN], kind="stable")[:MOST_WORDS]
        most = np.sort(most[counts[TRAIN, most] > 0])
        only_train = np.zeros_like(counts[:, most])
        only_train[TRAIN] = counts[TRAIN, most]
        self.words, self.counts = [words.take(pa.array(most))], [only_train]


def _characters(words: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """Return the code points of all words, one after another (uint32), and the length of each word."""
    together = pc.binary_join(pa.ListArray.from_arrays([0, len(words)], words), "")[0].as_py()
    return np.frombuffer(together.encode("utf-32-le"), "<u4"), pc.utf8_length(words).to_numpy()
