"""The figures of language models: of a split, and of all models on one scale."""

from pathlib import Path
from typing import Any, Self

import pydantic
from pydantic_core import PydanticCustomError

from pipeline.records.record import Record, wrong
from pipeline.run.console import Metrics
from pipeline.run.errors import AGAIN, UserError
from pipeline.run.outputs import read_json

Number = int | float
NUMBERS = pydantic.TypeAdapter(dict[str, Number], config=pydantic.ConfigDict(strict=True, allow_inf_nan=False))


def column(form: str) -> Any:
    """Return the mark of a figure with a column of its own in the page's table of language models, and its format."""
    return pydantic.Field(None, json_schema_extra={"form": form})


class SplitFigures(Record):
    """A model's figures on a split; an interval has the ends `low` and `high`.

    A text in pieces has bits per byte and a perplexity per word, any other text figures of the known words alone.
    """

    model_config = pydantic.ConfigDict(allow_inf_nan=True)  # no file has them: a model may rule a word out
    targets: int
    articles: int
    perplexity: float
    perplexity_low: float | None = None
    perplexity_high: float | None = None
    accuracy: float | None = column(".1%")
    bits_per_byte: float | None = None
    bits_per_byte_low: float | None = None
    bits_per_byte_high: float | None = None
    word_perplexity: float | None = None
    known_perplexity: float | None = None
    known_accuracy: float | None = None

    def of(self, split: str) -> Metrics:
        """Return the figures as metrics, whose names begin with the name of the split."""
        return {f"{split}_{name}": value for name, value in self.model_dump(exclude_none=True).items()}

    @classmethod
    def forms(cls) -> dict[str, str]:
        """Return the format of each figure that has a column of its own on the page, by name."""
        marked = ((name, field.json_schema_extra) for name, field in cls.model_fields.items())
        return {name: str(extra["form"]) for name, extra in marked if isinstance(extra, dict)}


class Perplexities(Record):
    """`perplexities.json`: the `best` language model, the figures of all models, and the `weights` of mixtures."""

    best: str | None
    rows: dict[str, dict[str, Number]]
    weights: dict[str, dict[str, float]]

    @pydantic.model_validator(mode="after")
    def of_mixtures(self) -> Self:
        """Refuse weights that are not shares of a whole."""
        if any(min(own, default=0) < 0 or abs(sum(own) - 1) > 1e-3 for own in map(dict.values, self.weights.values())):
            raise PydanticCustomError("weights", "must have weights of 0 or more that sum to 1 in each mixture")
        return self


class Times(Record):
    """`timings/RUN.json`: the times of a run, with a digest `of` the figures that it wrote next to them."""

    of: str
    seconds: float
    megabytes: float | None = None
    words_trained: Number | None = None
    tokens_per_second: Number | None = None
    cpu_seconds: Number | None = None
    start_cpu_seconds: Number | None = None


class MetricsOfFile(dict[str, float]):
    """The metrics in the file `path`; raises `UserError` for a figure that it lacks."""

    path: Path

    def __missing__(self, name: str) -> float:
        raise UserError(f"{self.path}: lacks {name}; {AGAIN}")


def read_metrics(path: Path) -> Metrics:
    """Return a file of metrics, {} without one; raises `UserError`, which names file and key, if it holds no numbers.

    They have no version: each key is a figure to DVC.
    """
    return metrics_of(read_json(path) if path.is_file() else {}, path)


def metrics_of(content: Any, path: Path) -> Metrics:
    """Return the content of the file `path` of metrics; raises `UserError` as `read_metrics` does."""
    try:
        found = MetricsOfFile(NUMBERS.validate_python(content))
    except pydantic.ValidationError as error:
        raise UserError(f"{path}: {wrong(error)}; {AGAIN}") from None
    found.path = path
    return found
