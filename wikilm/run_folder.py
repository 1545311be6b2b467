"""The folder of a run: its settings, its files, its text as words."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.languages.language import DEFAULT
from pipeline.records.figures import read_metrics
from pipeline.records.models import ModelRecord
from pipeline.records.text import WikiRecord
from pipeline.run.arrays import read_array
from pipeline.run.console import Metrics
from pipeline.run.doors import MOST_WORD_LIST, bounded_text
from pipeline.run.errors import UserError, reading
from pipeline.run.outputs import read_json
from pipeline.settings.params import PARAMS, Params, load_params
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.trained.files import TARGET_COUNTS
from pipeline.trained.learnt import of_language_model, read_language_model

if TYPE_CHECKING:
    import numpy as np

    from models.language_model import RecurrentLanguageModel
    from pipeline.ngrams.markov import MarkovModel
    from pipeline.store.sequences import Sequences
    from pipeline.store.vocabulary import Split, Vocabulary

CODE = Path(__file__).parents[1]  # the folder of the project whose code this is
OF_A_PROJECT = "dvc.yaml", str(PARAMS), "wikilm/__init__.py"  # the files by which `bin/wikilm` knows a project
DATA, RWLOCK = Path("data"), Path(".dvc/tmp/rwlock")
MOST_TARGETS = 2**53  # of a word, more than any text has


def check_text(text: object) -> None:
    """Raise `UserError` if what a user gives is no text, such as a list, or not UTF-8: a message could not show it."""
    if not isinstance(text, str):
        raise UserError(f"{text!r} is of type {type(text).__name__}; give text, such as 'the king'")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UserError(f"{text!r}: is not UTF-8 text") from None


def checked_counts(counts: "np.ndarray", size: int) -> "np.ndarray":
    """Return counts, one for each of `size` ids; raises `ValueError` if they are something else."""
    if counts.shape != (size,) or not ((counts >= 0) & (counts < MOST_TARGETS)).all():
        raise ValueError(f"it has {counts.dtype} {counts.shape}, and not a count from 0 on for each of {size:,} ids")
    return counts


class RunFolder:
    """The folder in which the stages of a run wrote their outputs, and the files in it."""

    packed = False  # of a language model in a file

    def __init__(self, path: str | Path = DATA) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"<wikilm run {self.path}>"

    def sibling(self, name: str) -> Path:
        """Return the path of a file next to the folder; raises `UserError` if it is missing."""
        if self.path != DATA and not self.path.is_dir():  # data/ comes with the first stage
            raise UserError(f"{self.path}: no such folder")
        path = Path(os.path.normpath(self.path / "..")) / name
        if not path.is_file():
            if path == Path(name):
                raise UserError(f"{path}: not found; run this from the folder that holds it")
            raise UserError(f"{self.path}: is not the folder of a run: there is no {path}")
        return path

    @cached_property
    def params(self) -> Params:
        """The settings of the run."""
        path = self.sibling(str(PARAMS))
        with self.by_this_code():
            return load_params(path)

    @cached_property
    def wiki(self) -> WikiRecord | None:
        """Which text the articles are of; None if there are none."""
        return WikiRecord.read_if_there(self.path / "articles.json")

    @contextmanager
    def by_this_code(self) -> Iterator[None]:
        """Let errors inside the block name both projects if the run is of another project than the code."""
        try:
            yield
        except UserError as error:
            own = nearest_with(Path(os.path.normpath(self.path.absolute() / "..")), *OF_A_PROJECT)
            if own is None or own.samefile(CODE):
                raise
            raise UserError(f"{error}; the run is of the project {own}, the code of {CODE}: ask it in {own}") from None

    @property
    def language(self) -> str:
        """The code of the language of the articles."""
        return self.wiki.language if self.wiki else DEFAULT

    def split_rows(self, rows: list[str]) -> "Split":
        """Return rows of text as words, split as the run's articles are."""
        from pipeline.words.words import split_words

        return split_words(rows, self.language, self.params.tokens)

    def split(self, text: str) -> "Split":
        """Return a user's `text` as one row of words, split as the run's articles are."""
        return self.split_rows([" ".join(text.split())])

    def word(self, text: str) -> str:
        """Return a user's word as the run's articles have it; several words if it is not one word there.

        Raises `UserError` if it is no text.
        """
        check_text(text)
        return " ".join(self.split(text)[0].to_pylist()) or text

    def require(self, file: str, stage: str) -> Path:
        """Return the path of a file that a `stage` writes; raises `UserError` if it does not exist."""
        if not (path := self.path / file).is_file():
            raise UserError(f"{path}: not found; {self.advice(path, stage)}")
        return path

    def advice(self, path: Path, stage: str = "") -> str:
        """Return what to do where a file, or something in a folder, is missing that a `stage` of DVC writes."""
        from psutil import pid_exists

        here, busy, lock = path.absolute(), False, Path(os.path.normpath(self.path / "..")) / RWLOCK
        with suppress(OSError, UserError, KeyError, TypeError, AttributeError):  # none, or damaged, or DVC writes it
            writes = read_json(lock)["write"].items()
            ours = [by for of, by in writes if here.is_relative_to(of) or Path(of).is_relative_to(here)]
            busy = any(pid_exists(by["pid"]) for by in ours)  # a killed DVC leaves its lock
        return "DVC is making it: wait" if busy else f"run `{' '.join(['dvc repro', stage]).strip()}`"

    def figures(self, run: str) -> Metrics:
        """Return the metrics of a run of a stage, such as `train/gru`; empty if it has not run."""
        return read_metrics(self.path / f"metrics/{run}.json")

    def record(self, model: str) -> ModelRecord | None:
        """Return the settings and the seed that a model was trained with; None if it is not trained."""
        return ModelRecord.read_if_there(self.path / f"models/{model}/model.json")

    def stale(self, model: str) -> str:
        """Return what to say of a model's exported vectors if they are of another text; nothing if they are not."""
        own, text = self.path / f"embeddings/{model}/vocabulary.txt", self.path / "sequences.db"
        if not (own.is_file() and text.is_file()):
            return ""
        if bounded_text(own, MOST_WORD_LIST) == "".join(f"{word}\n" for word in self.sequences.vocabulary.words):
            return ""
        return f"its vectors are of another text than {text.name}: run `dvc repro embeddings@{model}`"

    def language_record(self, model: str) -> ModelRecord:
        """Return the record of a trained language model."""
        if model in NGRAM_MODELS:
            from pipeline.scores.markov_scores import ORDERS
            from pipeline.trained.ngrams_alone import record_alone

            return record_alone(ORDERS[model], self.params.train.seed, self.vocabulary)
        path = self.require(f"models/{model}/model.json", f"train@{model}")
        with self.by_this_code():
            return of_language_model(ModelRecord.read(path), path)

    def network(self, model: str) -> "RecurrentLanguageModel":
        """Return a language model in torch, ready to predict.

        Raises `UserError` if it was trained with another vocabulary.
        """
        # torch takes seconds to load, and a user's mistakes are found without it.
        if model in NGRAM_MODELS:
            from pipeline.trained.ngrams_alone import ngrams_alone

            return ngrams_alone(self.ngrams(model), len(self.vocabulary))
        folder = self.path / "models" / model
        if self.language_record(model).vocabulary != self.vocabulary.fingerprint:
            raise UserError(
                f"{folder}: was trained with another vocabulary than sequences.db has; run `dvc repro train@{model}`"
            )
        with self.by_this_code():
            return read_language_model(folder).eval()

    def ngrams(self, model: str) -> "MarkovModel":
        """Return one of the n-gram models of the stage baselines, counted anew."""
        from pipeline.scores.markov_scores import markov_model

        return markov_model(self.sequences, model, self.params.baselines.most_words, self.params.train.seed)

    def target_counts(self, model: str) -> "np.ndarray":
        """Return how often each word id was a target in the training of a language model."""
        if model in NGRAM_MODELS:
            from pipeline.batches.rows import SequenceData

            return SequenceData(self.sequences.path, seed=0).target_counts()
        path, remedy = self.path / "models" / model / TARGET_COUNTS, f"run `dvc repro -f -s train@{model}`"
        counts = read_array(path, remedy)
        with reading(path, remedy):
            return checked_counts(counts, len(self.vocabulary))

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """The vocabulary of the run."""
        return self.sequences.vocabulary

    @cached_property
    def end_fraction(self) -> float:
        """The share of rows whose END is a target."""
        return self.sequences.end_fraction

    @cached_property
    def sequences(self) -> "Sequences":
        """The run's sequences.db; raises `UserError` if it is missing or damaged."""
        from pipeline.store.sequences import Sequences

        if not self.path.is_dir():
            self.sibling(str(PARAMS))  # outside a project, no stage writes it
        sequences = Sequences(self.path / "sequences.db")
        with reading(sequences.path):
            sequences.meta["vocabulary_size"]
        return sequences


def find_project() -> Path | None:
    """Return the nearest folder, from the working folder upward, with a params.yaml, or None.

    Raises `UserError` if the working folder no longer exists.
    """
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise UserError("the working folder was deleted; change to another") from None
    found = nearest_with(here, str(PARAMS))
    return Path() if found == here else found  # so that messages name data/ and not its absolute path


def nearest_with(folder: Path, *files: str) -> Path | None:
    """Return the nearest folder, from this one upward, that has all these files, or None."""
    above = (folder, *folder.parents)
    return next((each for each in above if all((each / name).is_file() for name in files)), None)
