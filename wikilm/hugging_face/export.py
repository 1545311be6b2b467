"""A language model as a folder that `AutoModelForCausalLM` and `AutoTokenizer` of transformers load without wikilm."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.recurrent.units import spelled_out
from pipeline.ngrams.table import NGramTable
from pipeline.records.models import ModelRecord
from pipeline.run.arrays import write_tensors
from pipeline.run.errors import UserError
from pipeline.run.outputs import whole_directory, write_json
from pipeline.store.vocabulary import START
from pipeline.trained.learnt import as_arrays, before_sentence
from wikilm.hugging_face.card import About, card
from wikilm.hugging_face.source import modeling_source
from wikilm.hugging_face.tokenizer import check_ids, special_ids, tokenizer_files

if TYPE_CHECKING:
    from wikilm.prediction import LanguageModel

MODULE, OLDEST = "modeling_wikilm", "5.0"  # of transformers


def export_model(model: "LanguageModel", folder: Path, about: About) -> None:
    """Write a model into a new folder, with a card that says what there is to say `about` it.

    Raises `UserError` if the folder exists, or if transformers could not give the model's answers.
    """
    if os.path.lexists(folder):
        raise UserError(f"{folder}: is there already, and nothing is written over it; name a new folder")
    record, vocabulary = model.record, model.vocabulary
    before = before_sentence(record)
    files = {f"{MODULE}.py": modeling_source(spelled_out(record.settings["unit"])["kind"])}
    files |= tokenizer_files(vocabulary, before)
    if vocabulary.of_tokens:
        check_ids(model.name, model.run, files["tokenizer.json"])
    files["README.md"] = card(model, about, OLDEST)
    never = {START, vocabulary.unknown, *(id for id, (_, count) in enumerate(vocabulary.entries) if not count)}
    ids, tensors, counted = special_ids(before), as_arrays(model.network.state_dict()), dict[str, Any]()
    if model.network.gate:
        table = model.network.ngrams
        assert isinstance(table, NGramTable)
        counted = {"ngrams": [len(level.keys) for level in table.levels], "end_fraction": table.end_fraction}
        tensors |= ngram_tensors(table)
    with whole_directory(folder) as new:
        write_json(new / "config.json", config(record) | ids | counted)
        # As `wikilm generate` writes: at least a token, and only those that may follow.
        write_json(new / "generation_config.json", ids | {"suppress_tokens": sorted(never), "min_new_tokens": 1})
        write_tensors(new / "model.safetensors", tensors, {"format": "pt"})
        for name, content in files.items():
            (new / name).write_text(content, encoding="utf-8")


def config(record: ModelRecord) -> dict[str, Any]:
    """Return the settings of `WikilmConfig` for a language model."""
    settings = record.settings
    return {
        "model_type": "wikilm",
        "architectures": ["WikilmForCausalLM"],
        "auto_map": {"AutoConfig": f"{MODULE}.WikilmConfig", "AutoModelForCausalLM": f"{MODULE}.WikilmForCausalLM"},
        "dtype": "float32",
        "vocab_size": record.vocabulary_size,
        "unit": spelled_out(settings["unit"]),
        "embedding_size": settings["embedding_size"],
        "hidden_sizes": settings["hidden_sizes"],
        "cutoffs": settings["loss"].get("cutoffs", []),
        "learn_initial_state": settings["learn_initial_state"],
        "tie_word_embeddings": settings["tie_weights"],
    }


def ngram_tensors(table: NGramTable) -> dict[str, np.ndarray]:
    """Return the tensors of `InterpolatedNGrams` for a table of n-grams."""
    return {
        f"ngrams.lengths.{at}.{name}": value.astype(np.int64) if name == "keys" else value
        for at, level in enumerate(table.levels)
        for name, value in level._asdict().items()
    }
