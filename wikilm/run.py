"""A run: the models that answer."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.records.figures import Perplexities
from pipeline.run.errors import UserError
from pipeline.scores.wording import measure_of, reached
from pipeline.settings.params import PARAMS
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.trained.files import TARGET_COUNTS  # only language models have it
from pipeline.vectors.evaluation.choice import best_language_model, best_vectors
from wikilm.described import describe_model
from wikilm.mixture import MixtureModel
from wikilm.packed import find_packed, is_path, shipped
from wikilm.packed_model import ZIP, PackedRun
from wikilm.prediction import LanguageModel
from wikilm.run_folder import DATA, RunFolder, find_project

if TYPE_CHECKING:
    from gensim.models import KeyedVectors


class ChosenModel(NamedTuple):
    """The model that answers; `why`, to print after its name, is empty if the user named the model."""

    name: str
    why: str = ""


class Run(RunFolder):
    """The folder of a run, and the models in it that answer."""

    def __dir__(self) -> list[str]:
        return ["language_model", "models", "params", "path", "sequences", "vectors"]

    def models(self) -> list[dict[str, Any]]:
        """Return the settings and the figures of each entry of `models`; None stands for a stage that has not run."""
        return [describe_model(self, name, entry) for name, entry in self.params.models.items()]

    def choose_vectors(self, asked: str | None) -> ChosenModel:
        """Return the model whose vectors answer: the one `asked` for, or else the best of all whose vectors exist."""
        if not (section := self.params.vocabulary).chosen.has_vectors:
            raise UserError(
                f"{PARAMS}: vocabulary.kind is {section.kind}: {section.chosen.called} have no word vectors; set it "
                "to words and run `dvc repro`, or ask vectors that come with wikilm with --vectors NAME: "
                f"{', '.join(shipped())}"
            )
        if asked is not None:
            self.params.entry(asked)
            self.require(f"embeddings/{asked}/vectors.npy", f"embeddings@{asked}")
            return ChosenModel(asked)
        names = [name for name in self.params.models if (self.path / f"embeddings/{name}/vectors.npy").is_file()]
        if not names:
            listed = ", ".join(shipped())
            others = f", or ask vectors that come with wikilm with --vectors NAME: {listed}" if listed else ""
            raise UserError(f"{self.path / 'embeddings'}: holds no vectors; run `dvc repro`{others}")
        figures = {name: self.figures(f"analogies/{name}") for name in names}
        if not (best := best_vectors(figures)):
            first = min(names, key=lambda name: self.params.models[name].kind == "language_model")
            return ChosenModel(first, f", the first of {len(names)} (not compared)")
        right = f" ({figures[best]['test_total']:.1%} of analogies)" if figures[best].get("asked_test", 1) else ""
        return ChosenModel(best, f", the best of {len(names)}{right}")

    def choose_language_model(self, asked: str | None) -> ChosenModel:
        """Return the language model that answers: the one `asked` for, or else the best of all that are trained."""
        entries = [name for name, entry in self.params.models.items() if entry.kind == "language_model"]
        if not entries:
            raise UserError(
                f"{PARAMS}: models has no language model; add one, such as `gru: {{unit: gru}}`, and run `dvc repro`"
            )
        if asked is not None:
            if asked not in self.params.models:
                there = ", ".join([*entries, *shipped(ZIP)])
                raise UserError(f"{asked}: no such language model; there are {there}, and files of `wikilm pack`")
            if asked not in entries:
                raise UserError(
                    f"{asked}: is of kind {self.params.entry(asked).kind}, trained for its vectors alone; "
                    f"{', '.join(entries)} can read and write text"
                )
            self.require(f"models/{asked}/{TARGET_COUNTS}", f"train@{asked}")
            return ChosenModel(asked)
        names = [name for name in entries if (self.path / f"models/{name}/{TARGET_COUNTS}").is_file()]
        if not names:
            raise UserError(f"{(folder := self.path / 'models')}: holds no language model; {self.advice(folder)}")
        figures = {name: self.figures(f"train/{name}") for name in names}
        if not (best := best_language_model(figures)):
            return ChosenModel(names[0], f", the first of {len(names)} (not compared)")
        told = f"test {measure_of(figures[best])} {reached(figures[best], 'test')}"
        return ChosenModel(best, f", the best of {len(names)} ({told})")

    def language_model(self, name: str | None = None) -> LanguageModel:
        """Return a language model by its name in `models`; by default the one with the lowest validation perplexity.

        `name` may also be an n-gram model, which is counted anew, a mixture, the model that comes with wikilm, which
        answers before any run, or a file of `wikilm pack`.
        """
        run_there = (self.path / "sequences.db").is_file() or any(self.path.glob(f"models/*/{TARGET_COUNTS}"))
        if name is None and not run_there and self.path.resolve() == ((find_project() or Path()) / DATA).resolve():
            name = next(iter(shipped(ZIP)), None)
        own = name and (self.path / f"models/{name}").is_dir()  # goes before one that comes with wikilm
        if name and not own and (str(name).endswith(ZIP) or name in shipped(ZIP)):
            return packed_language_model(str(name))
        if name in self.params.mixtures:
            path = self.require("reports/perplexities.json", "compare")
            if name not in (mixtures := Perplexities.read(path).weights):
                raise UserError(f"{path}: has no mixture {name}; run `dvc repro compare`")
            return MixtureModel(self, name, mixtures[name])
        chosen = ChosenModel(name) if name in NGRAM_MODELS else self.choose_language_model(name)
        return LanguageModel(self, *chosen)

    def vectors(self, name: str | None = None) -> "KeyedVectors":
        """Return the exported word vectors of a model; by default of the best, as `wikilm` chooses it."""
        from pipeline.vectors.exported import read_embeddings
        from pipeline.vectors.keyed import keyed_vectors

        exported = read_embeddings(self.path / "embeddings" / self.choose_vectors(name).name)
        return keyed_vectors(exported.words, exported.vectors)


def packed_language_model(given: str) -> LanguageModel:
    """Return the language model in a file of `wikilm pack`, or one that comes with wikilm by its name."""
    run = PackedRun(find_packed(given, ZIP))
    return LanguageModel(run, run.name, "" if is_path(given, ZIP) else ", which comes with wikilm")
