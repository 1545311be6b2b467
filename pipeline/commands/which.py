"""Which settings hold, which model answers, and what a run has to have left for that."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.run.console import UserError
from pipeline.run.outputs import read_json_if_there
from pipeline.settings import PARAMS, Params, load_params

# The figure by which the vectors of several models are compared, by distance: that of the vectors which answer.
RIGHT = {"cosine": "cosine_total", "euclidean": "euclidean_raw_total"}


class Chosen(NamedTuple):
    """The model that answers, and why it does."""

    name: str
    why: str


def settings(data: Path) -> Params:
    """Those of the params.yaml beside the folder of a run."""
    path = Path(os.path.normpath(data / "..")) / PARAMS
    if path != PARAMS and not path.is_file():
        raise UserError(f"{path}: not found; --data takes the folder of a run, which has its params.yaml beside it")
    return load_params(path)


def metrics(data: Path, key: str) -> dict[str, Any]:
    """The figures in data/metrics/KEY.json; none where the stage has not run."""
    return read(data / f"metrics/{key}.json")


def read(path: Path) -> dict[str, Any]:
    """What a stage wrote into a JSON file; nothing where it has not run."""
    return dict(read_json_if_there(path) or {})


def analogies_right(figures: Mapping[str, Any], distance: str) -> float | None:
    """The share of Google's analogies right, of the `figures` of a model; None where none could be asked."""
    return figures.get(RIGHT[distance]) if figures.get("asked") else None


def needed(path: Path, stage: str) -> Path:
    """The `path` that a `stage` writes; raises `UserError` where it is not there."""
    if not path.exists():
        raise UserError(f"{path}: not found; run `dvc repro {stage}`")
    return path


def model_with_vectors(data: Path, params: Params, asked: str | None, distance: str) -> Chosen:
    """The model `asked` for; else, of those whose vectors were exported, the one that is best at Google's analogies."""
    if asked is not None:
        params.language_model(asked)
        needed(data / "embeddings" / asked / "vectors.npy", f"embeddings@{asked}")
        return Chosen(asked, "")
    there = [name for name in params.language_models if (data / "embeddings" / name / "vectors.npy").is_file()]
    if not there:
        raise UserError(f"{data / 'embeddings'}: holds no vectors; run `dvc repro`")
    figures = {name: analogies_right(metrics(data, f"analogies-{name}"), distance) for name in there}
    return _best(figures, "{:.1%} of Google's analogies right", max)


def model_that_writes(data: Path, params: Params, asked: str | None) -> Chosen:
    """The language model `asked` for; else, of those that were trained, the one of least test perplexity."""
    recurrent = [name for name, entry in params.language_models.items() if entry.kind == "recurrent"]
    if asked is not None:
        if (kind := params.language_model(asked).kind) != "recurrent":
            raise UserError(
                f"--model {asked}: is of kind {kind}, trained for its vectors alone; "
                f"{', '.join(recurrent) or 'no entry of language_models'} can read and write text"
            )
        needed(data / "models" / asked / "weights.pt", f"train@{asked}")
        return Chosen(asked, "")
    there = [name for name in recurrent if (data / "models" / name / "weights.pt").is_file()]
    if not there:
        raise UserError(f"{data / 'models'}: holds no recurrent language model; run `dvc repro`")
    figures = {name: metrics(data, f"train-{name}").get("test_perplexity") for name in there}
    return _best(figures, "test perplexity {:.1f}", min)


def _best(figures: Mapping[str, float | None], told: str, best: Callable[..., str]) -> Chosen:
    """The model of the `best` figure, max or min; the first of equally good ones, or where none has a figure."""
    known = {name: figure for name, figure in figures.items() if figure is not None}
    if not known:
        return Chosen(next(iter(figures)), f"first of {len(figures)}")
    name = best(known, key=lambda name: known[name])
    return Chosen(name, f"{told.format(known[name])}, best of {len(figures)}")
