"""The section `runtime`, which changes no result."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.run.section import NotNegative, Section, matching

Contact = Annotated[str, matching(r"^[!-~]+$", "an e-mail or web address without spaces")]


class Runtime(Section):
    """Where the pipeline runs and with how many processes. These settings take effect without a rerun."""

    workers: Annotated[int, Field(ge=0)] = Field(
        0, description="number of processes that extract, tokenize and train small models; 0: one per core"
    )
    accelerator: Literal["auto", "cpu", "gpu"] = Field(
        "auto", description="the device on which models train; `auto`: a GPU if there is one"
    )
    connections: Annotated[int, Field(ge=1, le=3)] = Field(
        2, description="number of files downloaded at the same time; Wikimedia allows 3"
    )
    contact: Contact | None = Field(
        None, description="your e-mail or web address; servers receive it, so that their owners can reach you"
    )
    checkpoint_seconds: NotNegative = Field(
        60, description="seconds between two checkpoints; a killed training resumes from the last one"
    )
