"""A run's outputs, as the sections of the page read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pipeline.records.analogies import AnalogyReport
from pipeline.records.example import Example
from pipeline.records.figures import Perplexities, read_metrics
from pipeline.records.record import Record
from pipeline.records.text import ArticlesAccount
from pipeline.records.vectors import ComparedVectors
from pipeline.run.command import digest
from pipeline.run.console import Metrics
from pipeline.run.outputs import read_json_if_there
from pipeline.run.tsv import read_table
from pipeline.store.sequences import Sequences
from pipeline.store.vocabularies import Words
from pipeline.store.vocabulary import Vocabulary

Curves = dict[str, list[list[float]]]  # by model, columns with a value an epoch
CURVE_SPLITS = ("train", "valid")
OfModel = TypeVar("OfModel", bound=Record)
ForTemplate = dict[str, Any]  # by name, what a template of the page shows


@dataclass(frozen=True)
class Results:
    """The outputs in the folder `data`, of the `models` of params.yaml only: it may hold those of earlier ones."""

    data: Path
    models: Mapping[str, Any]

    def json(self, path: str) -> Any:
        """Return the content of a JSON file, or {} if there is none."""
        return read_json_if_there(self.data / path) or {}

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
        times = dict(self.json(f"timings/{run}.json"))
        return times if times.pop("of", None) == digest(self.json(f"metrics/{run}.json")) else {}

    @cached_property
    def sequences(self) -> Sequences:
        """The database of the run."""
        return Sequences(self.data / "sequences.db")

    @cached_property
    def articles(self) -> ArticlesAccount | None:
        """What became of every page, if `extract` ran."""
        return ArticlesAccount.read_if_there(self.data / "articles.json")

    @cached_property
    def example(self) -> Example | None:
        """What the page follows, if the stage `example` ran."""
        return Example.read_if_there(self.data / "example.json")

    @property
    def kind(self) -> type[Vocabulary]:
        """The class of the vocabulary; of words without a database."""
        return type(self.sequences.vocabulary) if self.sequences.path.is_file() else Words

    @cached_property
    def language_models(self) -> dict[str, Metrics]:
        """The figures of each trained language model."""
        return self.rows("train", self._of_kind(language_model=True))

    def of_language_models(self, file: str, kind: type[OfModel]) -> dict[str, OfModel]:
        """Return the record in a file of each trained language model that has it."""
        folder = self.data / "models"
        found = {name: kind.read_if_there(folder / name / file) for name in self.language_models}
        return {name: record for name, record in found.items() if record}

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
        columns = {f"{split}_perplexity": float for split in CURVE_SPLITS}
        paths = self._curve_files(self._of_kind(language_model=True)).items()
        tables = ((name, read_table(path, columns, stage=f"train@{name}")) for name, path in paths)
        return {name: dict(zip(CURVE_SPLITS, table, strict=True)) for name, table in tables}

    def analogy_curves(self) -> Curves:
        """Return the words read so far and the accuracy on analogies of each model that trains vectors in epochs."""
        columns = {"words_read": float, "cosine_total": float}
        paths = self._curve_files(self._of_kind(language_model=False))
        return {name: read_table(path, columns, stage=f"train@{name}") for name, path in paths.items()}

    def _of_kind(self, *, language_model: bool) -> list[str]:
        return [name for name, entry in self.models.items() if (entry.kind == "language_model") == language_model]

    def _curve_files(self, names: Iterable[str]) -> dict[str, Path]:
        return {name: path for name in names if (path := self.data / "models" / name / "curves.tsv").is_file()}
