"""The kinds of vocabulary: each module here has the class of one, called as in `vocabulary.kind`."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from pipeline.run.doors import MOST_WORD_LIST, bounded_text
from pipeline.run.tsv import read_table
from pipeline.store.vocabularies.words import Words
from pipeline.store.vocabulary import START, TOKENIZER, Vocabulary, WordCount

__all__ = ["KINDS", "Words", "read_vocabulary", "vocabulary_of"]
KINDS: dict[str, type[Vocabulary]] = {"words": Words}  # the default first
for _name in sorted(module.name for module in iter_modules(__path__)):
    KINDS[_name] = import_module(f"{__name__}.{_name}").KIND
assert len({kind.marks[START] for kind in KINDS.values()}) == len(KINDS), "two kinds of vocabulary have one START"


def vocabulary_of(entries: Sequence[WordCount], tokenizer: str = "") -> Vocabulary:
    """Return the vocabulary with these `entries`, of the kind that the name of its START tells."""
    start = entries[START][0] if entries else ""
    return next((kind for kind in KINDS.values() if kind.marks[START] == start), Words)(entries, tokenizer)


def read_vocabulary(path: Path) -> Vocabulary:
    """Return the vocabulary that `write` wrote, with the file of its tokenizer next to it if its kind has one."""
    _, words, counts = read_table(path, {"id": int, "word": str, "count": int}, stage="vocabulary")
    found = vocabulary_of(list(zip(words, counts, strict=True)))
    if TOKENIZER not in found.files:
        return found
    return vocabulary_of(found.entries, bounded_text(path.with_name(TOKENIZER), MOST_WORD_LIST))
