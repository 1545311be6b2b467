"""The section that changes no number."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from pipeline.run.section import Section


class Runtime(Section):
    """Where it runs and with how many processes. No stage of dvc.yaml lists it, so editing it reruns nothing."""

    workers: Annotated[int, Field(ge=0)]
    scheduler: Annotated[str, Field(pattern=r"^(local|tcp://.+:\d+)$")]
    accelerator: Literal["auto", "cpu", "gpu"]
    devices: Annotated[int, Field(ge=0)]  # on each node
    nodes: PositiveInt
    strategy: Literal["auto", "ddp"]
    loader_workers: Annotated[int, Field(ge=0)]
    connections: Annotated[int, Field(ge=1, le=3)]  # Wikimedia's servers allow an address three
    contact: Annotated[str, Field(pattern=r"^[!-~]+$")] | None  # an e-mail or web address, for those servers
    checkpoint_seconds: Annotated[float, Field(ge=0)]  # between the checkpoints that a killed training goes on from
