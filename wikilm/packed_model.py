"""A language model on pieces of words in a small file: a run's folder in a zip file, with weights in 8 bits."""

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.records.models import ModelRecord
from pipeline.records.text import WikiRecord
from pipeline.run.errors import UserError, writing
from pipeline.run.outputs import read_tensors, write_json, write_tensors
from pipeline.settings.params import PARAMS, Params, validated
from wikilm.packed import write_zip
from wikilm.run_folder import DATA, RunFolder

if TYPE_CHECKING:
    import numpy as np

ZIP = ".zip"
MODEL_BYTES = 4_000_000  # git keeps every version of a file
PACKED_AS_THEY_ARE = "models/{}/target_counts.npy", "metrics/train/{}.json"
SAFE = {"extract", "tokens", "vocabulary", "index", "train"}  # of params.yaml; others may name a user's files
MAXIMA = ".largest"  # ends the name of the largest magnitude of each row of a matrix


def write_model(path: Path, run: RunFolder, name: str, about: Mapping[str, Any]) -> None:
    """Write a model of a run into a zip file, with what there is to say `about` it; the same gives the same bytes.

    In it the model has the name of the file. Raises `UserError` if the file is too large to come with wikilm.
    """
    from pipeline.store.building import build

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / DATA
        for kept in PACKED_AS_THEY_ARE:
            (own := folder / kept.format(path.stem)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(run.path / kept.format(name), own)
        WikiRecord.read(run.require("articles.json", "extract")).write(folder / "articles.json", without={"splits"})
        record = ModelRecord.read(run.path / f"models/{name}/model.json")
        # Without dynamic evaluation, which needs gradients.
        record.write(folder / f"models/{path.stem}/model.json", without={"dynamic_evaluation"})
        off = dict.fromkeys(("parity", "poems", "poetry_generation", "poetry_classification"), "off")
        params = {key: {} for key in Params.model_fields} | off | run.params.model_dump(include=SAFE)
        params |= {"models": {path.stem: record.settings}}
        validated(params, path.name)  # the name of the file must do as the name of a model
        write_json(folder.parent / PARAMS, params)  # JSON is YAML
        build(folder / "sequences.db", [], run.sequences.vocabulary, run.sequences.end_fraction)
        write_json(folder.parent / "about.json", about)
        weights = rounded(read_tensors(run.path / f"models/{name}/weights.safetensors"))
        write_tensors(folder / f"models/{path.stem}/weights.safetensors", weights)
        files = sorted(each for each in folder.parent.rglob("*") if each.is_file())
        members = {each.relative_to(folder.parent).as_posix(): each.read_bytes() for each in files}
        write_zip(path, members, MODEL_BYTES)


def unpack_model(path: Path, scratch: Path) -> Path:
    """Write what `write_model` packed into the folder `scratch`; return the folder of the run in it.

    An error does not name `path`: `reading_packed` does.
    """
    with writing(scratch), zipfile.ZipFile(path) as file:
        file.extractall(scratch)
    if not (weights := next((scratch / DATA).glob("models/*/weights.safetensors"), None)):
        raise UserError("it holds no language model")
    write_tensors(weights, exact(read_tensors(weights)))
    return scratch / DATA


def rounded(weights: "Mapping[str, np.ndarray]") -> "dict[str, np.ndarray]":
    """Return weights whose matrices have 8 bits for a value: its share of the largest magnitude of its row."""
    from pipeline.vectors.scaling import largest, quantised

    tall = {name: own for name, own in weights.items() if own.ndim == 2}
    marked = {name + MAXIMA: largest(own) for name, own in tall.items()}
    return {**weights, **{name: quantised(own) for name, own in tall.items()}, **marked}


def exact(weights: "Mapping[str, np.ndarray]") -> "dict[str, np.ndarray]":
    """Return what `rounded` rounded, as float32."""
    whole = {name: own for name, own in weights.items() if not name.endswith(MAXIMA)}
    return {
        name: own * (weights[name + MAXIMA] / 127) if name + MAXIMA in weights else own for name, own in whole.items()
    }
