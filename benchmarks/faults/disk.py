"""An ext4 file system in a file, for faults of a disk. Only root can mount it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISK_BYTES = 2**31  # of which the file takes only what is written


@contextmanager
def new_disk(folder: Path) -> Iterator[None]:
    """Mount a new disk at `folder` for the time of the block."""
    folder.mkdir(exist_ok=True)
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    subprocess.check_call(["mkfs.ext4", "-q", "-F", image])
    mount(folder)
    try:
        yield
    finally:
        subprocess.check_call(["umount", folder])
        image.unlink()


def mount(folder: Path) -> None:
    """Mount the disk of `folder`."""
    subprocess.check_call(["mount", "-o", "loop", folder.with_suffix(".img"), folder])


def lacks_root(promise: str) -> bool:
    """Return, and print, whether a harness can't be tried because it needs root."""
    if os.getuid():
        print(f"{promise}: not tried: only root can mount a file system")
    return bool(os.getuid())
