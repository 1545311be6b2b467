"""Counts the file operations of all Python processes of a run, and can kill the run before one of them.

Every Python process runs this file if its folder is on PYTHONPATH. WIKILM_OPERATIONS names a file that gets a byte for
each operation. WIKILM_KILL is `NUMBER SIGNAL`: the process group gets SIGNAL before operation NUMBER.
"""

import os
import sys

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate", "sqlite3.connect"}
WRITING = os.O_WRONLY | os.O_RDWR
counter = os.environ.get("WIKILM_OPERATIONS", "")
number, signal = map(int, os.environ.get("WIKILM_KILL", "0 0").split())


def count(event: str, arguments: tuple) -> None:  # type: ignore[type-arg] # a hook gets any
    """Count an operation; signal the process group if it is operation NUMBER."""
    if event not in CHANGES and not (event == "open" and arguments[2] & WRITING):
        return
    path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | os.PathLike) else ""
    if path == counter or "__pycache__" in path or path.startswith("/dev"):
        return
    file = os.open(counter, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, b".")
    done = os.fstat(file).st_size
    os.close(file)
    if done == number:
        os.killpg(0, signal)


if counter:
    sys.addaudithook(count)
