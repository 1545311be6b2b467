"""A poet on disk, with a language model that writes new lines."""

from pathlib import Path
from typing import NamedTuple

from models.language_model import RecurrentLanguageModel
from models.sample import SamplingParams
from pipeline.records.models import ModelRecord
from pipeline.run.errors import UserError
from pipeline.store.sequences import Sequences
from pipeline.trained.files import RECORD
from pipeline.trained.learnt import read_language_model
from pipeline.trained.predictions import write_sentences

DATABASE = "sequences.db"
STANZA = 4  # lines


class Poet(NamedTuple):
    """A language model of a poet's lines, its record, and the database on which it was trained."""

    model: RecurrentLanguageModel
    record: ModelRecord
    sequences: Sequences


def read_poet(folder: Path) -> Poet:
    """Return the poet of a folder."""
    return Poet(read_language_model(folder), ModelRecord.read(folder / RECORD), Sequences(folder / DATABASE))


def write_lines(poet: Poet, number: int, sampling: SamplingParams, seed: int) -> list[list[str]]:
    """Write `number` new lines of known words, at most as long as a training line."""
    model, record, sequences = poet
    longest = int(sequences.ids_and_lengths("train")[1].max())
    words = sequences.vocabulary
    lines = write_sentences(model, record, words, number, longest, sampling, seed=seed)
    return [[words.by_id[id] for id in line] for line in lines]


def find_poet(folder: Path, asked: str) -> str:
    """Return the poet whose name is `asked` or alone contains it; raises `UserError` that lists all."""
    names = sorted(path.parent.name for path in folder.glob(f"*/{RECORD}"))
    if not names:
        raise UserError(f"{folder}: holds no poet; run `dvc repro poetry_generation`")
    if not asked and len(names) > 1:
        raise UserError(f"name a poet: there are {', '.join(names)}")
    asked = asked.lower().replace(" ", "_")
    found = [name for name in names if asked == name] or [name for name in names if asked in name]
    if len(found) != 1:
        raise UserError(f"poet {asked!r}: must be one of {', '.join(found or names)}, or a part of one name")
    return found[0]
