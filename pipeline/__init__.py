"""From a Wikipedia dump to recurrent language models, embeddings and analogies.

Every module directly in here is a stage of dvc.yaml and runs as `python -m pipeline.NAME`.
Code that stages share is in the folders, its rooms, such as `store`, `training` and `run`.
"""

import os
import signal
import sys

# GNU's OpenMP reads this when torch loads. Its threads spin while they wait for one another, by default for so long
# that training crawls when another program needs a core. With this number an idle machine loses little.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
# Arrow's default allocator keeps more memory with each shard: a worker of `tokens` had 297 MB after 76 of them, and 182
# MB with the system's, in the same CPU time.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

# Whether this process is a command of the project, and not another program that imports it. Then Ctrl-C ends it without
# a traceback while it still imports; `one_line_errors` listens to it from then on.
_start = (sys.argv or [""])[0]  # "-m" as long as Python looks for the module
_modules = (" -m pipeline", " -m wikilm")
OWN_PROCESS = _start.endswith("/wikilm") or (_start == "-m" and any(m in " ".join(sys.orig_argv) for m in _modules))
if OWN_PROCESS and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
