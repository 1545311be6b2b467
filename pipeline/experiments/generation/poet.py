"""A poet on disk: a sequences.db of lines, split by poem, and a language model that writes new lines."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from models.language_model import LanguageModel
from models.sample import Sampling
from pipeline.experiments.verse.novelty import Source
from pipeline.experiments.verse.poems import SHARED_WORDS, Poem, words_of
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from pipeline.settings.experiment_sections import PoetryGeneration
from pipeline.store.building import Article, build
from pipeline.store.sequences import SPLITS, Sequences
from pipeline.store.vocabulary import Vocabulary
from pipeline.training.learnt import RECORD, read_language_model
from pipeline.training.written import write_sentences

Reads = Literal["words", "characters"]
DATABASES: dict[Reads, str] = {"words": "sequences.db", "characters": "characters.db"}
STANZA = 4  # lines
BLANK = " "  # between the words of a line of characters


class Poet(NamedTuple):
    """A language model of a poet's lines, its record, and the database on which it was trained."""

    model: LanguageModel
    record: Mapping[str, Any]
    sequences: Sequences


def split_poems(poems: Sequence[Poem], valid_fraction: float, test_fraction: float, seed: int) -> dict[str, list[Poem]]:
    """Return whole poems by split, each split with about its share of lines; raises `UserError` if one is empty.

    In random order, each group of related poems goes to the split that lacks most lines.
    """
    lines = sum(len(poem.lines) for poem in poems)
    shares = (1 - valid_fraction - test_fraction, valid_fraction, test_fraction)
    missing = {split: share * lines for split, share in zip(SPLITS, shares, strict=True)}
    found: dict[str, list[Poem]] = {split: [] for split in SPLITS}
    groups: dict[int, list[Poem]] = defaultdict(list)
    for poem in poems:
        groups[poem.group].append(poem)
    for group in np.random.default_rng(seed).permutation([*groups]).tolist():
        split = max(missing, key=lambda split: missing[split])
        missing[split] -= sum(len(poem.lines) for poem in groups[group])
        found[split] += groups[group]
    if empty := [split for split in SPLITS if not found[split]]:
        together = f"; those that share {SHARED_WORDS} words in a row stay together" if len(groups) < len(poems) else ""
        cure = f"a larger poetry_generation.{empty[0]}_fraction"
        if empty[0] == "train":
            cure = "smaller valid_fraction and test_fraction in poetry_generation"
        raise UserError(
            f"{poems[0].poet}: {len(poems)} poem(s) of {lines} line(s) are too few to hold some out{together}; the "
            f"{empty[0]} split is empty; give more verse, or {cure}"
        )
    return {split: sorted(own, key=lambda poem: poem.poem) for split, own in found.items()}


def choose_words(lines: Sequence[Sequence[str]], least_count: int) -> Vocabulary:
    """Return the vocabulary of training lines: the words that occur `least_count` times or more."""
    counts = Counter(chain.from_iterable(lines))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    kept = [(word, count) for word, count in ordered if count >= least_count]
    return Vocabulary.of(kept, rows=len(lines), unknown=counts.total() - sum(count for _, count in kept))


def tokens_of(line: str, reads: Reads) -> list[str]:
    """Return the words of a line, or their characters with a BLANK between two words."""
    words = words_of(line)
    return words if reads == "words" else list(BLANK.join(words))


def index_poems(path: Path, splits: dict[str, list[Poem]], reads: Reads, least_count: int, end_fraction: float) -> None:
    """Write the lines of `splits` as a sequences.db in which each poem is an article.

    END is a target of `end_fraction` of the lines. All characters of the training lines are known. Raises `UserError`
    where no word occurs `least_count` times in the training split.
    """
    lines = {split: [tokens_of(line, reads) for poem in own for line in poem.lines] for split, own in splits.items()}
    vocabulary = choose_words(lines["train"], least_count if reads == "words" else 1)
    if not vocabulary.words:
        raise UserError(
            f"{splits['train'][0].poet}: no word occurs {least_count} times in the training lines; give more verse, or "
            "lower poetry_generation.least_count"
        )
    articles = (_article(poem, split, reads, vocabulary) for split, poems in splits.items() for poem in poems)
    build(path, articles, vocabulary, end_fraction)


def _article(poem: Poem, split: str, reads: Reads, vocabulary: Vocabulary) -> Article:
    lines = [tokens_of(line, reads) for line in poem.lines]
    ids = vocabulary.remap(chain.from_iterable(lines))
    return Article(poem.poem, poem.title or poem.lines[0], split, ids, np.cumsum([0, *map(len, lines)]))


def read_poet(folder: Path) -> Poet:
    """Return the poet of a folder."""
    record = read_json(folder / RECORD)
    return Poet(read_language_model(folder), record, Sequences(folder / DATABASES[record["settings"]["reads"]]))


def write_lines(poet: Poet, number: int, sampling: Sampling, seed: int) -> list[list[str]]:
    """Write `number` new lines, as words, of known words or characters, at most as long as a training line."""
    model, record, sequences = poet
    longest = int(sequences.ids_and_lengths("train")[1].max())
    lines = write_sentences(model, record, sequences.vocabulary, number, longest, sampling, seed=seed)
    return lines if record["settings"]["reads"] == "words" else ["".join(line).split() for line in lines]


def write_stanzas(poet: Poet, source: Source, settings: PoetryGeneration) -> list[dict[str, Any]]:
    """Write the stanzas for the page; return the lines of each, and their novelty."""
    lines = write_lines(poet, STANZA * settings.stanzas, Sampling(**settings.sampling.model_dump()), settings.seed)
    stanzas = [lines[start : start + STANZA] for start in range(0, len(lines), STANZA)]
    return [{"lines": [" ".join(line) for line in stanza], **source.compare(stanza)._asdict()} for stanza in stanzas]


def measure_novelty(poet: Poet, source: Source, settings: PoetryGeneration, **changes: float) -> dict[str, Any]:
    """Return the novelty of lines that a poet writes with the settings' sampling, apart from `changes`."""
    chosen = Sampling(**settings.sampling.model_dump() | changes)
    lines = write_lines(poet, settings.novelty_lines, chosen, settings.seed)
    return source.compare(lines)._asdict()


def find_poet(folder: Path, asked: str) -> str:
    """Return the poet whose name is `asked`, begins with it or contains it; raises `UserError` that lists all."""
    names = sorted(path.parent.name for path in folder.glob(f"*/{RECORD}"))
    if not names:
        raise UserError(f"{folder}: holds no poet; run `dvc repro poetry_generation`")
    if not asked and len(names) > 1:
        raise UserError(f"--poet is missing: there are {', '.join(names)}")
    asked = asked.lower().replace(" ", "_")
    for matches in (str.__eq__, str.startswith, str.__contains__):
        found = [name for name in names if matches(name, asked)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(f"--poet {asked}: may be {' or '.join(found)}; give more of the name")
    raise UserError(f"--poet {asked}: no such poet; there are {', '.join(names)}")
