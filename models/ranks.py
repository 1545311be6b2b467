"""Communication between the processes of a run on several devices; a single process keeps its own values."""

from typing import Any

from torch import Tensor, distributed


def together() -> bool:
    """Return whether several processes train this model."""
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


def summed(values: Tensor) -> Tensor:
    """Return the sum of `values` over all processes; gloo, which CPUs use, also adds sparse tensors."""
    if together():
        distributed.all_reduce(values)
    return values


def from_all(value: Any) -> list[Any]:
    """Return the `value` of each process, by rank."""
    if not together():
        return [value]
    values = [None] * distributed.get_world_size()
    distributed.all_gather_object(values, value)
    return values


def own(values: list[Any]) -> Any:
    """Return this process's value from the result of `from_all`."""
    return values[distributed.get_rank() if together() else 0]
