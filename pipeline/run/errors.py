"""The exception that reports a user's mistake, and the names of files in errors that lack them."""

import difflib
import errno
import re
import sqlite3
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# torch, SQLite, zlib and safetensors have no type for the lack of memory.
NO_MEMORY = re.compile("(?i)out of memory|allocate memory|size calculation overflowed")
# Codes that write to a terminal what they like, and those that turn the direction of what follows them.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
LOGIN = re.compile(r"""(?<=://)(?:[^\s/"']{0,200}|[^\s"']{0,100}:[^\s"']{0,200})@""")  # a password may have a slash

AGAIN = "run `dvc repro`, which makes it again"


class UserError(Exception):
    """A mistake that the user can correct. The message names the file or key, what is wrong, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows of it, one line; IPython looks for this name."""
        return traceback.format_exception_only(self)


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return a question that names the allowed word most like another; nothing if none is."""
    names = {each.lower(): each for each in allowed}
    close = difflib.get_close_matches(word.lower(), names, 1)
    return f"did you mean {names[close[0]]}?" if close else ""


def lacks_memory(error: Exception) -> bool:
    """Return whether an error says that memory ran out."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or (not isinstance(error, UserError) and bool(NO_MEMORY.search(str(error))))


@contextmanager
def reading(path: Path, remedy: str = AGAIN) -> Iterator[None]:
    """Turn what libraries raise on damaged content inside the block into a `UserError` that names `path`."""
    try:
        yield
    except UserError:
        raise
    except (FileNotFoundError, PermissionError) as error:  # of which pyarrow names none
        error.filename = error.filename or str(path)
        raise
    except Exception as error:  # readers of damaged files raise any; torch an OSError without a name
        if (isinstance(error, OSError) and error.filename) or lacks_memory(error):
            raise
        told = (str(error).splitlines() or [""])[0].rstrip(":. ")
        raise UserError(f"{path}: is damaged ({type(error).__name__}: {told}); {remedy}") from None


@contextmanager
def writing(path: Path, partial: Path | None = None) -> Iterator[None]:
    """Let errors of a full disk inside the block, of moving a file to `path` and of files in `partial`, name `path`.

    What writes to a full disk knows no name by then, and `partial` is a temporary path that a user does not know.
    """
    try:
        yield
    except OSError as error:
        # NumPy gives no number where it could write but a part of an array; a copy names what it read first.
        full = error.errno in {*NO_ROOM, None} and (error.filename2 or not error.filename)
        temporary = partial and str(error.filename).startswith(str(partial))
        if full or temporary or error.filename2 == str(path):  # the last where the file cannot take its place
            error.filename = str(path)
        raise
    except sqlite3.OperationalError as error:
        raise UserError(f"{path}: cannot be written: {error}") from None


def printable(text: str) -> str:
    """Return `text` with terminal control codes written out, as in JSON; words and titles may have any."""
    return UNPRINTABLE.sub(lambda code: f"\\u{ord(code[0]):04x}", text)


def without_login(text: str) -> str:
    """Return `text` with its addresses without user and password."""
    return LOGIN.sub("", text)
