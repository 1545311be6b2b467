"""A language model on disk: its weights, and the settings that it is made with again."""

from pathlib import Path
from typing import Any

import torch

from models.language_model import LanguageModel
from pipeline.run.console import UserError
from pipeline.run.outputs import read_json, write_json

SETTINGS, WEIGHTS = "model.json", "weights.pt"
DRAWN, TARGET_COUNTS = "train.json", "target_counts.npy"  # beside those of language_models


def write_language_model(folder: Path, model: LanguageModel, settings: dict[str, Any]) -> None:
    """Put a model, made with these `settings`, into `folder`."""
    torch.save(model.cpu().state_dict(), folder / WEIGHTS)
    write_json(folder / SETTINGS, settings)


def read_language_model(folder: Path) -> LanguageModel:
    """What `write_language_model` wrote; raises `UserError` where it is damaged, or of another version of the code."""
    settings = read_json(folder / SETTINGS)
    try:
        # The counts that some losses are made with only matter to training, or are saved with the weights.
        model = LanguageModel(**settings, counts=torch.ones(settings["vocabulary_size"]))
        model.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
    except OSError:
        raise
    except Exception as error:  # unpickling what is damaged may raise any
        told = (str(error).splitlines() or [""])[0].rstrip(":. ")
        raise UserError(
            f"{folder}: its {SETTINGS} and {WEIGHTS} cannot be read ({type(error).__name__}: {told}); run `dvc repro`"
        ) from None
    return model
