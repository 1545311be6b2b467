"""A language model on disk: its weights, and the settings that it is made with again."""

from pathlib import Path
from typing import Any

import torch

from models.language_model import LanguageModel
from pipeline.run.files import read_json, write_json

SETTINGS, WEIGHTS = "model.json", "weights.pt"


def write_language_model(folder: Path, model: LanguageModel, settings: dict[str, Any]) -> None:
    """Put a model, made with these `settings`, into `folder`."""
    torch.save(model.cpu().state_dict(), folder / WEIGHTS)
    write_json(folder / SETTINGS, settings)


def read_language_model(folder: Path) -> LanguageModel:
    """What `write_language_model` wrote."""
    settings = read_json(folder / SETTINGS)
    # The counts that some losses are made with only matter to training, or are saved with the weights.
    model = LanguageModel(**settings, counts=torch.ones(settings["vocabulary_size"]))
    model.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
    return model
