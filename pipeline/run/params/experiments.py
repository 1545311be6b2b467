"""The sections of the smaller experiments."""

from typing import Annotated

from pydantic import Field

from pipeline.run.params.section import Section


class Poems(Section):
    """Whose verse: `sample`, or a folder of NAME.txt files."""

    source: Annotated[str, Field(min_length=1)]
