"""From a Wikipedia dump to recurrent language models, embeddings and analogies.

Every module directly in here is a stage of dvc.yaml and runs as `python -m pipeline.NAME`.
What stages share is in the folders, such as `store`, `training` and `run`. `__main__` is the command `wikilm`; its
commands are in `commands`.
"""

import os

# Read when torch loads (by GNU's OpenMP). Its threads spin while they wait for one another, by default so long
# that training crawls as soon as something else wants a core: this many turns cost an idle machine little.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
