"""An ext4 file system in a file, for faults of a disk. Only root can mount it."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.run.errors import UserError

DISK_BYTES = 2**31  # of which the file takes only what is written
BUSY = 10.0  # seconds to wait for the last process to leave a disk


@contextmanager
def new_disk(folder: Path) -> Iterator[None]:
    """Mount a new disk at `folder` for the time of the block; raises `UserError` if this user is not root."""
    if os.getuid():
        raise UserError("only root can mount a file system")
    folder.mkdir(parents=True, exist_ok=True)
    if folder.is_mount():  # because an earlier harness was killed
        unmount(folder)
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    try:
        subprocess.check_call(["mkfs.ext4", "-q", "-F", image])
        mount(folder)
        try:
            yield
        finally:
            unmount(folder)
    finally:
        image.unlink()


def mount(folder: Path) -> None:
    """Mount the disk of `folder`."""
    subprocess.check_call(["mount", "-o", "loop", folder.with_suffix(".img"), folder])


def unmount(folder: Path) -> None:
    """Unmount a disk once no process uses it; raises `CalledProcessError` if one stays."""
    until = time.monotonic() + BUSY
    while subprocess.run(["umount", folder], stderr=subprocess.DEVNULL).returncode and time.monotonic() < until:
        time.sleep(0.2)
    if folder.is_mount():
        subprocess.check_call(["umount", folder])
