"""What every section of params.yaml is made of."""

from typing import Annotated, Literal

import pydantic
from pydantic import Field

Unit = Literal["elman", "rated", "gru", "lstm"]
Activation = Literal["tanh", "relu", "sigmoid"]
Fraction = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
# Names become file names and DVC stage names.
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class Section(pydantic.BaseModel):
    """A section of params.yaml: immutable, no unknown keys, no silent conversions."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
