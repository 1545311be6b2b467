"""A language model on pieces of words in a small file: a run's folder in a zip file, with weights in 8 bits.

Its n-grams, if it has any, are as they are in the run: of few, whose probabilities are rounded.
"""

import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.records.figures import metrics_of
from pipeline.records.models import ModelRecord, PackedAbout
from pipeline.records.text import WikiRecord
from pipeline.run import archives, arrays
from pipeline.run.arrays import read_tensors, write_tensors
from pipeline.run.console import Metrics
from pipeline.run.doors import bounded_json
from pipeline.run.errors import UserError, reading
from pipeline.run.outputs import write_json
from pipeline.settings.params import PARAMS, Params, validated
from pipeline.store.vocabularies import vocabulary_of
from pipeline.store.vocabulary import Vocabulary
from pipeline.trained.files import GATED_BY, MOST_NGRAMS, NGRAMS, WEIGHTS
from pipeline.trained.learnt import language_model_of, ngrams_of, of_language_model
from wikilm.packed import reading_packed
from wikilm.run_folder import DATA, RunFolder, checked_counts

if TYPE_CHECKING:
    import numpy as np

    from models.language_model import RecurrentLanguageModel

ZIP = ".zip"
MODEL_BYTES = 8_000_000  # git keeps every version of a file
PACKED_AS_THEY_ARE = "models/{}/target_counts.npy", "metrics/train/{}.json"
MEMBERS = (
    *("about.json", "data/articles.json", "data/metrics/train/{}.json", "data/models/{}/model.json"),
    *("data/models/{}/target_counts.npy", "data/models/{}/weights.safetensors", "data/sequences.db", "params.yaml"),
)
OF_NGRAMS = f"data/models/{{}}/{NGRAMS}"
SAFE = {"extract", "tokens", "vocabulary", "index", "train"}  # of params.yaml; others may name a user's files
MAXIMA = ".largest"  # ends the name of the largest magnitude of each row of a matrix


def write_model(path: Path, run: RunFolder, name: str, about: Mapping[str, Any]) -> None:
    """Write a model of a run into a zip file, with what there is to say `about` it; the same gives the same bytes.

    In it the model has the name of the file. Raises `UserError` if the file is too large to come with wikilm.
    """
    from pipeline.store.building import build

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / DATA
        record = ModelRecord.read(run.path / f"models/{name}/model.json")
        for kept in (*PACKED_AS_THEY_ARE, *[OF_NGRAMS.removeprefix("data/")] * bool(record.settings[GATED_BY])):
            (own := folder / kept.format(path.stem)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(run.path / kept.format(name), own)
        WikiRecord.read(run.require("articles.json", "extract")).write(folder / "articles.json", without={"splits"})
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
        archives.write_zip(path, members, MODEL_BYTES)


class PackedRun(RunFolder):
    """A run of one language model in a file, whose members are read into memory.

    Raises `UserError`, which names the file and the member, if it is damaged.
    """

    packed = True

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with reading_packed(path):
            found = re.search("^data/models/([^/\n]+)/", "\n".join(archives.member_names(path)), re.MULTILINE)
            self.name = found[1] if found else path.stem
            names = [each.format(self.name) for each in MEMBERS]
            ngrams = OF_NGRAMS.format(self.name)
            self._members = archives.read_members(path, names + [ngrams] * (ngrams in archives.member_names(path)))
            about, wiki, metrics, record, counts, weights, database, params = names
            self.about = PackedAbout.opened(self._json(about), about)
            self.params = validated(self._json(params), params)
            self.params.entry(self.name)  # an error if it is not its model's name
            self.wiki = WikiRecord.opened(self._json(wiki), wiki)
            self._metrics = metrics_of(self._json(metrics), Path(metrics))
            self._record = of_language_model(ModelRecord.opened(self._json(record), record), record)
            with reading(Path(database)):
                self.vocabulary, self.end_fraction = packed_text(self._members[database])
            own = self._record.vocabulary_size, self._record.vocabulary
            if own != (len(self.vocabulary), self.vocabulary.fingerprint):
                raise UserError(f"{record}: has vocabulary_size and vocabulary of other words than {database}")
            with reading(Path(counts)):
                self._counts = checked_counts(arrays.array_in(self._members[counts]), len(self.vocabulary))
            with reading(Path(weights)):
                self._weights = exact(arrays.tensors_in(self._members[weights]))
            if self._record.settings[GATED_BY]:
                with reading(Path(ngrams)):
                    if ngrams not in self._members or not self._record.settings[MOST_NGRAMS]:
                        raise ValueError(f"missing, or not those of {MOST_NGRAMS}")
                    self._ngrams = ngrams_of(self._record, arrays.tensors_in(self._members[ngrams]))

    def _json(self, member: str) -> Any:
        with reading(Path(member)):
            return bounded_json(self._members[member].decode())

    def figures(self, run: str) -> Metrics:
        """Return the metrics of the training."""
        return self._metrics

    def language_record(self, model: str) -> ModelRecord:
        """Return the model's record."""
        return self._record

    def network(self, model: str) -> "RecurrentLanguageModel":
        """Return the model in torch, ready to predict."""
        with reading_packed(self.path), reading(Path(f"{DATA}/models/{self.name}/{WEIGHTS}")):
            network = language_model_of(self._record, self._weights).eval()
        if network.gate:
            network.ngrams = self._ngrams
        return network

    def target_counts(self, model: str) -> "np.ndarray":
        """Return how often each id was a target in the training."""
        return self._counts


def packed_text(database: bytes) -> tuple[Vocabulary, float]:
    """Return what a database says of its text; raises `ValueError` if the tokenizer does more than its kind's do."""
    from tokenizers import Tokenizer

    tables = archives.tables_in(database, {"meta": "key, value", "vocabulary": "id, word, count"})
    meta = dict(tables["meta"])
    vocabulary = vocabulary_of([(word, count) for _, word, count in tables["vocabulary"]], meta["tokenizer"])
    own, plain = Tokenizer.from_str(vocabulary.tokenizer), vocabulary.learn([], vocabulary.fewest[0])
    alike, own.model = type(own.model) is type(plain.model), plain.model
    if not alike or own.to_str() != plain.to_str():
        raise ValueError("its tokenizer is of another kind than those that wikilm learns")
    if not 0 <= (end_fraction := float(meta["end_fraction"])) <= 1:
        raise ValueError(f"end_fraction is {end_fraction}")
    return vocabulary, end_fraction


def rounded(weights: "Mapping[str, np.ndarray]") -> "dict[str, np.ndarray]":
    """Return weights whose matrices have 8 bits for a value: its share of the largest magnitude of its row."""
    from pipeline.vectors.scaling import largest, quantised

    tall = {name: own for name, own in weights.items() if own.ndim == 2}
    marked = {name + MAXIMA: largest(own) for name, own in tall.items()}
    return {**weights, **{name: quantised(own) for name, own in tall.items()}, **marked}


def exact(weights: "Mapping[str, np.ndarray]") -> "dict[str, np.ndarray]":
    """Return what `rounded` rounded, as float32; raises `ValueError` if a factor is missing, or a value infinite."""
    found = {}
    for name, own in weights.items():
        if not name.endswith(MAXIMA):
            largest = weights.get(name + MAXIMA)
            if (own.ndim == 2 or largest is not None) and (largest is None or largest.shape != (len(own), 1)):
                raise ValueError(f"{name} has no factor for each row")
            found[name] = own if largest is None else own * (largest / 127)
    arrays.check_finite(found)
    return found
