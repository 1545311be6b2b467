"""Recurrent units and language models. Knows tensors; knows no paths and no params.yaml."""

import ctypes
import platform

if platform.libc_ver()[0] == "glibc":
    # glibc maps every large tensor afresh and hands it back to the kernel when it is freed, so that each step faults in
    # every page of its logits anew. Have it keep up to 2 GB of freed memory on its heap instead (M_MMAP_MAX = -4,
    # M_TRIM_THRESHOLD = -1). Processes forked from here, as a DataLoader's workers, inherit it.
    _libc = ctypes.CDLL(None)
    _libc.mallopt(-4, 0)
    _libc.mallopt(-1, 2**31 - 1)
