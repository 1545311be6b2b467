"""From a Wikipedia dump to recurrent language models, embeddings and analogies.

Every module directly in here is a stage of dvc.yaml and runs as `python -m pipeline.NAME`.
What stages share lives one floor below: `corpus`, `wikitext`, `vectors`, `page` and `run`.
"""
