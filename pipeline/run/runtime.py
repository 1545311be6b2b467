"""The section `runtime`, which changes no number."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from pipeline.run.section import Matching, NotNegative, Section

Scheduler = Annotated[str, Matching(r"^(local|tcp://.+:\d+)$", "`local`, or a Dask scheduler such as tcp://host:8786")]
Contact = Annotated[str, Matching(r"^[!-~]+$", "an e-mail or web address without spaces")]


class Runtime(Section):
    """Where the pipeline runs and with how many processes. No stage lists it, so editing it reruns nothing."""

    workers: Annotated[int, Field(ge=0)] = Field(
        0, description="processes that extract, tokenize, and train small models; 0: one for each core"
    )
    scheduler: Scheduler = Field("local", description="`local`, or the address of a Dask scheduler (docs/scale.md)")
    accelerator: Literal["auto", "cpu", "gpu"] = Field("auto", description="the device that trains")
    devices: Annotated[int, Field(ge=0)] = Field(
        0, description="devices on each node, which share every batch; 0: one CPU, or all GPUs"
    )
    nodes: PositiveInt = Field(1, description="machines that train together, with `data/` on a shared disk")
    strategy: Literal["auto", "ddp"] = Field("auto", description="how Lightning trains on several devices")
    loader_workers: Annotated[int, Field(ge=0)] = Field(
        0, description="processes that read training rows; 0: the main process reads"
    )
    connections: Annotated[int, Field(ge=1, le=3)] = Field(
        2, description="files downloaded at a time; Wikimedia allows three"
    )
    contact: Contact | None = Field(None, description="your e-mail or web address, for the owners of the servers")
    checkpoint_seconds: NotNegative = Field(
        60, description="seconds between the checkpoints from which a killed training resumes"
    )
