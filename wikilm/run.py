"""A run: its settings, its figures, its files, and the models that answer."""

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.run.errors import UserError, reading
from pipeline.run.outputs import read_json_if_there
from pipeline.settings import PARAMS, Params, load_params
from pipeline.vectors.evaluation.choice import best_language_model, best_vectors
from pipeline.words.layout import JOINER, PHRASES
from wikilm.packed import shipped_names
from wikilm.prediction import LanguageModel

if TYPE_CHECKING:
    import pyarrow as pa
    from gensim.models import KeyedVectors

    from pipeline.store.sequences import Sequences

DATA = Path("data")
COUNTS = "target_counts.npy"  # a file that only language models have


class Chosen(NamedTuple):
    """The model that answers; `why`, to print after its name, is empty if the user named the model."""

    name: str
    why: str = ""


class Run:
    """The folder in which the stages of a run wrote their outputs."""

    def __init__(self, path: str | Path = DATA) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    def sibling(self, name: str) -> Path:
        """Return the path of a file next to the folder; raises `UserError` if there is none."""
        if self.path != DATA and not self.path.is_dir():  # data/ comes with the first stage
            raise UserError(f"{self.path}: no such folder")
        path = Path(os.path.normpath(self.path / "..")) / name
        if not path.is_file():
            here = path == Path(name)
            hint = "run this from the folder that holds it" if here else f"a run is a folder next to a {name}"
            raise UserError(f"{path}: not found; {hint}")
        return path

    @cached_property
    def params(self) -> Params:
        """The settings of the run."""
        return load_params(self.sibling(str(PARAMS)))

    def words(self, text: str) -> list[str]:
        """Return the words of a user's `text`, split and joined as the run's articles are.

        A phrase may be written as the run has it, `new_york`, or as two words.
        """
        from pipeline.words.phrases import join_phrases
        from pipeline.words.words import split_words

        language = self.read("articles.json").get("language", "")
        if len(self.phrases):
            text = text.replace(JOINER, " ")
        words, lengths = split_words([" ".join(text.split())], language, self.params.tokens)
        found: list[str] = join_phrases(words, lengths, self.phrases)[0].to_pylist()
        return found

    def word(self, text: str) -> str:
        """Return a user's word as the run's articles have it; several words if it is not one word there."""
        return " ".join(self.words(text)) or text

    @cached_property
    def phrases(self) -> "pa.StringArray":
        """The phrases that are words of the run; none if its settings join none."""
        from pipeline.words.phrases import read_phrases

        return read_phrases(self.path / "tokens" / PHRASES)

    def require(self, file: str, stage: str) -> Path:
        """Return the path of a file that a `stage` writes; raises `UserError` if it does not exist."""
        if not (path := self.path / file).is_file():
            raise UserError(f"{path}: not found; run `dvc repro {stage}`")
        return path

    def read(self, file: str) -> dict[str, Any]:
        """Return the content of a JSON file; empty if the stage that writes it has not run."""
        return dict(read_json_if_there(self.path / file) or {})

    def record(self, model: str) -> dict[str, Any]:
        """Return the settings and the seed that a model was trained with; empty if it is not trained."""
        return self.read(f"models/{model}/model.json")

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

    def choose_vectors(self, asked: str | None) -> Chosen:
        """Return the model whose vectors answer: the one `asked` for, or else the best of all whose vectors exist."""
        if asked is not None:
            self.params.entry(asked)
            self.require(f"embeddings/{asked}/vectors.npy", f"embeddings@{asked}")
            return Chosen(asked)
        names = [name for name in self.params.models if (self.path / f"embeddings/{name}/vectors.npy").is_file()]
        if not names:
            listed = ", ".join(shipped_names())
            shipped = f", or ask vectors that come with wikilm with --vectors NAME: {listed}" if listed else ""
            raise UserError(f"{self.path / 'embeddings'}: holds no vectors; run `dvc repro`{shipped}")
        figures = {name: self.read(f"metrics/analogies/{name}.json") for name in names}
        if not (best := best_vectors(figures)):
            return Chosen(names[0], f" (the first of {len(names)} in params.yaml; not compared)")
        right = f"{figures[best]['test_total']:.1%} of the other half right"
        if figures[best].get("asked_test") == 0:
            right = "none of the other half can be asked"
        return Chosen(best, f" (best of {len(names)} on the development half of Google's questions; {right})")

    def choose_language_model(self, asked: str | None) -> Chosen:
        """Return the language model that answers: the one `asked` for, or else the best of all that are trained."""
        entries = [name for name, entry in self.params.models.items() if entry.kind == "language_model"]
        if not entries:
            raise UserError(
                f"{PARAMS}: models has no language model; add one, such as `gru: {{unit: gru}}`, and run `dvc repro`"
            )
        if asked is not None:
            if asked not in entries:
                raise UserError(
                    f"{asked}: is of kind {self.params.entry(asked).kind}, trained for its vectors alone; "
                    f"{', '.join(entries)} can read and write text"
                )
            self.require(f"models/{asked}/{COUNTS}", f"train@{asked}")
            return Chosen(asked)
        names = [name for name in entries if (self.path / f"models/{name}/{COUNTS}").is_file()]
        if not names:
            raise UserError(f"{self.path / 'models'}: holds no language model; run `dvc repro`")
        figures = {name: self.read(f"metrics/train/{name}.json") for name in names}
        if not (best := best_language_model(figures)):
            return Chosen(names[0], f" (the first of {len(names)} in params.yaml; not compared)")
        valid, test = (figures[best][f"{split}_perplexity"] for split in ("valid", "test"))
        return Chosen(best, f" (validation perplexity {valid:.1f}, best of {len(names)}; test {test:.1f})")

    def language_model(self, name: str | None = None) -> LanguageModel:
        """Return a language model by its name in `models`; by default the one with the lowest validation perplexity."""
        chosen = self.choose_language_model(name)
        self.require(f"models/{chosen.name}/model.json", f"train@{chosen.name}")
        return LanguageModel(self, *chosen)

    def vectors(self, name: str | None = None) -> "KeyedVectors":
        """Return the exported word vectors of a model; by default of the best, as `wikilm` chooses it."""
        from pipeline.vectors.exported import read_embeddings
        from pipeline.vectors.word2vec_format import keyed_vectors

        exported = read_embeddings(self.path / "embeddings" / self.choose_vectors(name).name)
        return keyed_vectors(exported.words, exported.vectors)


def find_project() -> Path | None:
    """Return the nearest folder, from the working folder upward, with a params.yaml, or None.

    Raises `UserError` if the working folder no longer exists.
    """
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise UserError("the working folder was deleted; change to another") from None
    found = next((folder for folder in (here, *here.parents) if (folder / PARAMS).is_file()), None)
    return Path() if found == here else found  # so that messages name data/ and not its absolute path
