"""The devices that train."""

import torch

from pipeline.run.console import UserError


def check_gpu() -> None:
    """Raise `UserError` if torch finds no GPU."""
    if not (torch.cuda.is_available() or torch.backends.mps.is_available()):
        raise UserError("params.yaml: runtime.accelerator is 'gpu': torch finds no GPU here; give auto or cpu")
