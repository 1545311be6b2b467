"""From a Wikipedia dump to recurrent language models, embeddings and analogies.

Every module directly in here is a stage of dvc.yaml and runs as `python -m pipeline.NAME`.
What stages share lives one floor below: `corpus`, `wikitext`, `vectors`, `page` and `run`.
"""

import os

# Read when torch loads. By default its threads spin while they wait for one another, which trains up to
# ten times slower as soon as something else wants a core.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
