"""A setting of the C library: whether it keeps the memory that a training step has freed."""

import ctypes
import platform

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # glibc's numbers of its settings


def keep_freed_memory() -> None:
    """Let glibc keep up to 2 GB of freed memory for this process; other C libraries are left as they are.

    By default glibc maps every large tensor anew and returns it to the kernel when it is freed, so each training step
    faults in every page of its logits again. The setting holds for the whole process and for processes that it forks
    later, such as a DataLoader's workers.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
