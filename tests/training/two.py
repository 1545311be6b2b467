"""Train models in two processes, one model after another, as `python -m tests.training.two NAME...`.

Runs in a folder with params.yaml and s.db; trains NAME into `two_NAME`. Lightning starts the second process by the same
command, so each process loads torch once for all models.
"""

import contextlib
import sys

from pipeline import train
from pipeline.training.fit import ShareDone

if __name__ == "__main__":
    for name in sys.argv[1:]:
        with contextlib.suppress(ShareDone):
            train.main([name, "s.db", f"two_{name}", "--metrics", f"two_{name}.json"])
