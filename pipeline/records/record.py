"""The base of all records, and the one door through which their files are read and written."""

import re
from collections.abc import Set
from pathlib import Path
from typing import Any, ClassVar, Self

import pydantic

from pipeline.run.doors import MOST_RECORD
from pipeline.run.errors import AGAIN, UserError
from pipeline.run.outputs import read_json, write_json


class Record(pydantic.BaseModel):
    """Values that cross from one stage to others. Keys that a class does not know are ignored.

    A file has the fields in the order of the class, without those that have their default. `versions` are those that
    can be read; the last one is written.
    """

    model_config = pydantic.ConfigDict(frozen=True, strict=True, populate_by_name=True, allow_inf_nan=False)
    versions: ClassVar[tuple[int, ...]] = (1,)
    most_bytes: ClassVar[int] = MOST_RECORD

    @classmethod
    def read(cls, path: Path, remedy: str = AGAIN) -> Self:
        """Return the record in a JSON file; raises `UserError`, which names file and key, if it is not one."""
        return cls.opened(read_json(path, most=cls.most_bytes), path, remedy)

    @classmethod
    def read_if_there(cls, path: Path) -> Self | None:
        """Return the record in a JSON file; None if there is no file, or `{}`, which a stage writes that is off."""
        content = read_json(path, most=cls.most_bytes) if path.is_file() else None
        return cls.opened(content, path) if content else None

    @classmethod
    def opened(cls, content: Any, place: Path | str, remedy: str = AGAIN) -> Self:
        """Return the content of a file as a record; raises `UserError` if its version or a key is wrong."""
        version = content.get("version", 1) if isinstance(content, dict) else 1
        if version not in cls.versions:
            known = " and ".join(map(str, cls.versions))
            raise UserError(f"{place}: version is {version!r}, and only {known} can be read; {remedy}")
        try:
            return cls.model_validate(content)
        except pydantic.ValidationError as error:
            raise UserError(f"{place}: {wrong(error)}; {remedy}") from None

    def write(self, path: Path, without: Set[str] = frozenset()) -> None:
        """Write the record as a JSON file, `without` some fields."""
        version = {"version": self.versions[-1]} if self.versions[-1] > 1 else {}
        write_json(path, version | self.model_dump(exclude_defaults=True, by_alias=True, exclude=set(without)))


def wrong(error: pydantic.ValidationError) -> str:
    """Return the first thing that is wrong with a record, and its key."""
    first = error.errors()[0]
    key = ".".join(map(str, first["loc"])) or "the file"
    if first["type"] == "missing":
        return f"lacks {key}"
    return f"{key} is {repr(first['input'])[:40]}; it {re.sub('^(Input|String) should', 'must', first['msg'])}"
