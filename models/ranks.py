"""What the processes of a run on several devices tell one another; a run of one process speaks to itself."""

from typing import Any

from torch import Tensor, distributed


def together() -> bool:
    """Whether several processes train this model."""
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


def summed(values: Tensor) -> Tensor:
    """The sum of `values` over all processes; gloo, which CPUs use, also adds sparse ones."""
    if together():
        distributed.all_reduce(values)
    return values


def take_first(values: Tensor) -> None:
    """Overwrite `values` with those of the first process."""
    if together():
        distributed.broadcast(values, 0)


def from_all(value: Any) -> list[Any]:
    """The `value` of each process, by rank."""
    if not together():
        return [value]
    values = [None] * distributed.get_world_size()
    distributed.all_gather_object(values, value)
    return values


def own(values: list[Any]) -> Any:
    """Of what `from_all` gave, this process's."""
    return values[distributed.get_rank() if together() else 0]
