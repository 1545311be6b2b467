"""The devices that train, and their memory."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import torch
from torch.nn import Module

from pipeline.run.errors import UserError

COPIES = 2  # of the weights that training holds at least: themselves, and gradients or mean squares
FLOAT32 = 4  # bytes

Model = TypeVar("Model", bound=Module)


def check_gpu() -> None:
    """Raise `UserError` if torch finds no GPU."""
    if not (torch.cuda.is_available() or torch.backends.mps.is_available()):
        raise UserError("params.yaml: runtime.accelerator is 'gpu': torch finds no GPU here; give auto or cpu")


def make_if_it_fits(make: Callable[[], Model], key: str) -> Model:
    """Return the model that `make` returns; `key` names its settings.

    Raises `UserError` where training it takes more memory than this machine or its container has. A system that has
    promised more memory than it has would kill the training without a word.
    """
    with torch.random.fork_rng(devices=[]), torch.device("meta"):  # on which weights have shapes alone
        weights = sum(weight.numel() for weight in make().parameters())
    needed = COPIES * FLOAT32 * weights
    memory = min([os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), *container_limits()])
    if needed > memory:
        raise UserError(
            f"params.yaml: {key}: training its {weights:,} weights takes at least {needed / 1e9:,.1f} GB of memory; "
            f"this machine or its container has {memory / 1e9:,.1f} GB; use smaller layers or a smaller vocabulary"
        )
    return make()


def container_limits(root: Path = Path("/")) -> Iterator[int]:
    """Yield the limits in bytes that Linux's control groups, of version 1 or 2, set to the memory of this process.

    A group is a path below `root`/sys/fs/cgroup; the limits of the groups above it hold, too. A container may see only
    the top, and no folder of the path.
    """
    groups, own = root / "sys/fs/cgroup", root / "proc/self/cgroup"
    for line in own.read_text().splitlines() if own.is_file() else []:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top, name = (groups / "memory", "memory.limit_in_bytes") if controllers else (groups, "memory.max")
        below = Path(path.lstrip("/"))
        for file in (top / folder / name for folder in (below, *below.parents)):
            if file.is_file() and (limit := file.read_text().strip()) != "max":
                yield int(limit)
