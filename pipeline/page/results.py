"""A run's outputs, as the sections of the page read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pipeline.records.analogies import AnalogyReport
from pipeline.records.example import Example, Traced
from pipeline.records.figures import Perplexities, Times, read_metrics
from pipeline.records.models import AnalogyCurves, Guesses, PerplexityCurves
from pipeline.records.record import Record
from pipeline.records.text import ArticlesAccount, VocabularyRecord
from pipeline.records.vectors import ComparedVectors
from pipeline.run.command import digest
from pipeline.run.console import Metrics
from pipeline.run.errors import AGAIN, UserError
from pipeline.store.vocabularies import KINDS
from pipeline.store.vocabulary import Vocabulary

OfModel = TypeVar("OfModel", bound=Record)
ForTemplate = dict[str, Any]  # by name, what one template shows: a class for each would name all of it once more


@dataclass(frozen=True)
class Results:
    """The outputs in the folder `data`, of the `models` of params.yaml only: it may hold those of earlier ones."""

    data: Path
    models: Mapping[str, Any]

    def figures(self, stage: str) -> Metrics:
        """Return a stage's metrics with its times, if these are known; {} if the stage did not run or is off."""
        metrics = read_metrics(self.data / f"metrics/{stage}.json")
        if metrics:
            metrics.update(self._times(stage))
        return metrics

    def rows(self, stage: str, names: Iterable[str]) -> dict[str, Metrics]:
        """Return the figures of those `names` for which the stage ran."""
        return {name: figures for name in names if (figures := self.figures(f"{stage}/{name}"))}

    def seconds(self, runs: Iterable[str]) -> float | None:
        """Return the time that runs such as `extract` and `train/gru` took together; None if one is unknown."""
        found = [self._times(run) for run in runs]
        return sum(times["seconds"] for times in found) if all(found) else None

    def _times(self, run: str) -> Metrics:
        """The times of a run; {} if they belong to figures other than the present ones."""
        times = Times.read_if_there(self.data / f"timings/{run}.json")
        known = times and times.of == digest(read_metrics(self.data / f"metrics/{run}.json"))
        return times.model_dump(exclude={"of"}, exclude_none=True) if times and known else {}

    @cached_property
    def vocabulary(self) -> VocabularyRecord | None:
        """The words of the run, if `vocabulary` ran."""
        return VocabularyRecord.read_if_there(self.data / "vocabulary.json")

    @cached_property
    def articles(self) -> ArticlesAccount | None:
        """What became of every page, if `extract` ran."""
        return ArticlesAccount.read_if_there(self.data / "articles.json")

    @cached_property
    def example(self) -> Example | None:
        """What the page follows, if the stage `example` ran."""
        return Example.read_if_there(self.data / "example.json")

    @cached_property
    def traced(self) -> Traced | None:
        """Where the sentence of the page came from."""
        return Traced.read_if_there(self.data / "traced.json")

    @property
    def kind(self) -> type[Vocabulary]:
        """The class of the vocabulary; that of words if `vocabulary` did not run."""
        name = self.vocabulary.kind if self.vocabulary else "words"
        if name not in KINDS:
            told = f"kind is {name!r}; it must be {' or '.join(KINDS)}; {AGAIN}"
            raise UserError(f"{self.data}/vocabulary.json: {told}")
        return KINDS[name]

    @cached_property
    def language_models(self) -> dict[str, Metrics]:
        """The figures of each trained language model."""
        return self.rows("train", self._of_kind(language_model=True))

    def of_models(
        self, names: Iterable[str], file: str, kind: type[OfModel], folder: str = "models"
    ) -> dict[str, OfModel]:
        """Return the record in a file of each of those models that have it."""
        found = {name: kind.read_if_there(self.data / folder / name / file) for name in names}
        return {name: record for name, record in found.items() if record}

    def guesses_of(self, ngram_model: str) -> Guesses:
        """Return what an n-gram model expected."""
        return Guesses.read(self.data / "baselines" / ngram_model / "guesses.json")

    @cached_property
    def compared(self) -> Perplexities:
        """The report of the stage `compare`; without any model if it did not run."""
        path = self.data / "reports/perplexities.json"
        return Perplexities.read_if_there(path) or Perplexities(best=None, rows={}, weights={})

    @cached_property
    def analogies(self) -> dict[str, AnalogyReport]:
        """The analogy report of each model."""
        folder = self.data / "reports/analogies"
        found = {name: AnalogyReport.read_if_there(folder / f"{name}.json") for name in self.models}
        return {name: report for name, report in found.items() if report}

    @cached_property
    def vectors(self) -> ComparedVectors | None:
        """The comparison of the models' vectors."""
        return ComparedVectors.read_if_there(self.data / "reports/vectors.json")

    def perplexity_curves(self) -> dict[str, dict[str, list[float]]]:
        """Return the perplexity of each language model by split and epoch."""
        found = self.of_models(self._of_kind(language_model=True), "curves.json", PerplexityCurves)
        return {name: {"train": own.train_perplexity, "valid": own.valid_perplexity} for name, own in found.items()}

    def analogy_curves(self) -> dict[str, AnalogyCurves]:
        """Return the curves of each model that trains vectors in epochs."""
        return self.of_models(self._of_kind(language_model=False), "curves.json", AnalogyCurves)

    def _of_kind(self, *, language_model: bool) -> list[str]:
        return [name for name, entry in self.models.items() if (entry.kind == "language_model") == language_model]
