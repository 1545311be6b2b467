"""The device that trains, and its memory."""

import os
from collections.abc import Callable
from typing import TypeVar

import torch
from torch.nn import Module

from pipeline.run.errors import UserError

COPIES = 2  # of the weights that training holds at least: themselves, and gradients or mean squares
FLOAT32 = 4  # bytes
SMALL_NETWORK = 1_000_000  # weights of a network that one thread trains, such as the sample's

Model = TypeVar("Model", bound=Module)


def limit_threads(model: Module) -> None:
    """Let one thread of this process compute if the model is small: several wait for one another more than they gain.

    So its weights do not depend on the number of processors, which decides in what order sums are taken.
    """
    if sum(weights.numel() for weights in model.parameters()) < SMALL_NETWORK:
        torch.set_num_threads(1)


def make_if_it_fits(make: Callable[[], Model], key: str) -> Model:
    """Return the model that `make` returns; `key` names its settings.

    Raises `UserError` where training it takes more memory than this machine has. A system that has promised more memory
    than it has would kill the training without a word.
    """
    with torch.random.fork_rng(devices=[]), torch.device("meta"):  # on which weights have shapes alone
        weights = sum(weight.numel() for weight in make().parameters())
    needed, memory = COPIES * FLOAT32 * weights, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > memory:
        raise UserError(
            f"params.yaml: {key}: training its {weights:,} weights takes at least {needed / 1e9:,.1f} GB of memory; "
            f"this machine has {memory / 1e9:,.1f} GB; use smaller layers or a smaller vocabulary"
        )
    return make()
