"""Which dumps Wikimedia's servers, their mirrors and archives hold, in today's layout and in the one before it."""

import html
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, ClassVar
from urllib.parse import unquote

import pydantic

from pipeline.dumps.fetch import RemoteFile
from pipeline.dumps.web import NotFoundError, Web, is_length
from pipeline.run.console import say
from pipeline.run.errors import UserError

CHECKSUM = re.compile(r"^([0-9a-f]{64}) [ *](.+)$", re.MULTILINE)
# No tag holds another, and no part of one is read twice: a server may send half a million of `<a `.
ANCHOR = re.compile(r"""<a\s(?>[^<>]*?href=["']?([^"'\s<>]++))[^<>]*+>""", re.IGNORECASE)
ANY_TAG = re.compile(r"<[^<>]*+>")
MOST_DATES = 200  # the newest; each is asked for its files


class _File(pydantic.BaseModel):
    size: pydantic.NonNegativeInt
    sha1: Annotated[str, pydantic.Field(pattern=r"^[0-9a-f]{40}$")]


class _Status(pydantic.BaseModel):
    """What is read of dumpstatus.json: of a job its `status`, and, once that is `done`, its `files` by name."""

    jobs: dict[str, dict[str, Any]]


_FILES = pydantic.TypeAdapter(dict[str, _File])


class Dumps:
    """The dumps of one wiki on one server."""

    PLACE: ClassVar[str]  # the address, on a mirror, of the folder that holds a folder for each date

    def __init__(self, web: Web, mirror: str, project: str) -> None:
        self.web, self.project = web, project
        self.home = mirror.rstrip("/") + self.PLACE.format(project=project)

    def files(self, day: date) -> list[RemoteFile]:
        """Return the files of the dump of `day`, in the order of their pages; raises `NotFoundError`."""
        raise NotImplementedError

    def available(self) -> dict[date, list[RemoteFile]]:
        """Return the files of every complete dump, the oldest first."""
        try:
            names = read_index(self.web.text(self.home))
        except NotFoundError as error:
            raise UserError(f"{error}; check wiki.project, wiki.mirror and wiki.layout") from None
        days = set()
        for name in names:
            with suppress(ValueError):
                days.add(date.fromisoformat(name))
        found = {}
        for day in sorted(days)[-MOST_DATES:]:
            try:
                with suppress(NotFoundError):
                    found[day] = self.files(day)
            except UserError as error:  # one bad dump must not hide the others
                say(f"warning: {error}")
        return found

    def pinned(self, day: str) -> list[RemoteFile]:
        """Return the files of the dump of `day`, a date; raises `UserError` that lists the dates if it is absent."""
        try:
            return self.files(date.fromisoformat(day))
        except NotFoundError as error:
            dates = ", ".join(map(str, self.available())) or "none"
            problem = f"{error}; available for {self.project}: {dates}"
            raise UserError(f"params.yaml: wiki.date is {day!r}: {problem}") from None

    def _dump_files(self, files: Iterable[RemoteFile], pattern: str, listed: str) -> list[RemoteFile]:
        """Return the files in `listed` whose names end in `pattern`, by the numbers in their names: p2 before p10."""
        dumps = [file for file in files if re.fullmatch(re.escape(self.project) + pattern, file.name)]
        if not dumps:
            raise UserError(f"{listed}: names no dump file of {self.project}; check wiki.project and wiki.mirror")
        return sorted(dumps, key=lambda file: [int(number) for number in re.findall(r"\d+", file.name)])


class ContentDumps(Dumps):
    """MediaWiki Content File Exports: `{project}/{YYYY-MM-DD}/xml/bzip2/`, monthly, each file a document of its own.

    `SHA256SUMS` is written last; without it a dump is not finished. `_SUCCESS` is missing from some that are.
    """

    PLACE = "/other/mediawiki_content_current/{project}/"

    def files(self, day: date) -> list[RemoteFile]:
        folder = f"{self.home}{day}/xml/bzip2/"
        listed = f"{folder}SHA256SUMS"
        digests = read_checksums(self.web.text(listed), listed)
        sizes: dict[str, int | None] = {}
        with suppress(UserError):  # some servers show no folders; then each file is asked for its size
            sizes = read_index(self.web.text(folder))
        files = [RemoteFile(folder + name, name, "sha256", digest, sizes.get(name)) for name, digest in digests.items()]
        return self._dump_files(files, rf"-{day}-p\d+(p\d+|r\d+r\d+)\.xml\.bz2", listed)


class LegacyDumps(Dumps):
    """The layout until 2026, kept by mirrors and archives: `{project}/{YYYYMMDD}/` with `dumpstatus.json`."""

    PLACE = "/{project}/"
    JOB = "articlesmultistreamdump"

    def files(self, day: date) -> list[RemoteFile]:
        folder = f"{self.home}{day:%Y%m%d}/"
        listed = f"{folder}dumpstatus.json"
        try:
            job = _Status.model_validate_json(self.web.text(listed)).jobs.get(self.JOB, {})
            if (status := job.get("status", "missing")) != "done":
                raise NotFoundError(f"{listed}: says that {self.JOB} is {status}, not done")
            described = _FILES.validate_python(job.get("files", {}))
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise UserError(f"{listed}: is not the status of a dump: {where} {first['msg']}") from None
        # Not by the `url` given there: that is the path on Wikimedia's own server, and a mirror may have another.
        files = [RemoteFile(f"{folder}{name}", name, "sha1", file.sha1, file.size) for name, file in described.items()]
        pattern = rf"-{day:%Y%m%d}-pages-articles-multistream\d*\.xml(-p\d+p\d+)?\.bz2"
        return self._dump_files(files, pattern, listed)


LAYOUTS: dict[str, type[Dumps]] = {"content": ContentDumps, "legacy": LegacyDumps}


def read_index(page: str) -> dict[str, int | None]:
    """Return the names in a server's list of a folder, nginx's or Apache's, and the sizes that it gives in bytes."""
    _, *links = ANCHOR.split(page)
    sizes = {}
    for address, behind in zip(links[::2], links[1::2], strict=True):
        # A row is a line. Below the last one Apache names itself: `Server at example.org Port 80`.
        words = html.unescape(ANY_TAG.sub("", behind.partition("\n")[0])).split()
        name = unquote(html.unescape(address)).rstrip("/").rpartition("/")[2]
        sizes[name] = int(words[-1]) if words and is_length(words[-1]) else None
    return sizes


def read_checksums(text: str, listed: str) -> dict[str, str]:
    """Return the SHA-256 of each file in the output of `sha256sum`; an error in a line names `listed`."""
    if bad := [line for line in text.splitlines() if not CHECKSUM.fullmatch(line)]:
        raise UserError(f"{listed}: has a line that is not a SHA-256 and a file name: {bad[0][:80]!r}")
    return {name: checksum for checksum, name in CHECKSUM.findall(text)}
