"""The run's sequences.db, for the commands that need it: what opens it takes as long to load as all else they need."""

import sqlite3
from pathlib import Path

from pipeline.run.console import UserError
from pipeline.store.sequences import Sequences


def open_sequences(data: Path) -> Sequences:
    """The run's sequences.db; raises `UserError` where there is none, or it is damaged."""
    sequences = Sequences(data / "sequences.db")
    try:
        sequences.meta["vocabulary_size"]
    except (sqlite3.DatabaseError, KeyError) as error:
        raise UserError(f"{sequences.path}: cannot be read ({error}); run `dvc repro --force index`") from None
    return sequences
