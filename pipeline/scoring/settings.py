"""The section `mixtures`."""

from typing import Annotated

import pydantic
from pydantic import Field

from pipeline.run.section import Section


def _two_or_more(names: list[str]) -> list[str]:
    if len(set(names)) < max(2, len(names)):
        raise ValueError("must name two or more models, each once")
    return names


class Mixture(Section):
    """An interpolation: the mean of its models' probabilities, with the weights that fit the validation split best."""

    of: Annotated[list[str], pydantic.AfterValidator(_two_or_more)] | None = Field(
        None,
        description="names of language models in `models` and of n-gram models, such as `trigram_kneser_ney`; blank: "
        "all language models and the best n-gram model by validation perplexity",
    )
