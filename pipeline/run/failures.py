"""How an error ends a command: in one line, with an exit code."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline import OWN_PROCESS
from pipeline.run.console import say
from pipeline.run.errors import NO_ROOM, UserError, lacks_memory

MOST_TOLD = 2000  # letters of an error; names of others may have millions


@contextmanager
def one_line_errors(name: str, hint: str = "") -> Iterator[None]:
    """Turn a `UserError`, a failing file, a lack of memory or Ctrl-C inside the block into one line and an exit code.

    A `hint` follows an error in params.yaml on a line of its own.
    """
    try:
        if OWN_PROCESS and signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
    except Exception as error:
        if not isinstance(error, UserError | OSError) and not lacks_memory(error):
            raise
        say(f"{name}: error: {_in_one_line(error)}")
        if hint and str(error).startswith("params.yaml"):
            say(f"{name}: {hint}")
        sys.exit(1)
    except KeyboardInterrupt:
        say(f"{name}: interrupted")
        sys.exit(130)


def _in_one_line(error: Exception) -> str:
    """An error in one line, whatever the names in it hold."""
    if isinstance(error, FileNotFoundError) and "temporary" in str(error.strerror):
        told = f"{error.strerror}: all are full or read-only; make room, or set TMPDIR to another folder"
    elif isinstance(error, FileNotFoundError):
        told = f"{error.filename or error}: not found; run the stage that writes it"
    elif isinstance(error, OSError) and not lacks_memory(error):  # no permission, a full disk
        full = "; make room and run this again" if error.errno in NO_ROOM else ""
        told = f"{error.filename or 'a file'}: {error.strerror or next(iter(error.args), type(error).__name__)}{full}"
    elif isinstance(error, UserError):
        told = str(error)
    else:
        reason = str(error).partition("\n")[0] or "Python got none"
        told = f"too little memory ({reason}); use a smaller model, vocabulary or batch, or a machine with more"
    return told.replace("\n", "\\n")[:MOST_TOLD]
