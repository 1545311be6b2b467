"""The user's verse that `poems.source` names."""

from pipeline.settings.params import Params


def check(params: Params) -> None:
    """Raise `UserError` if the folder of verse is missing."""
    if params.poems and params.poems.source not in ("sample", "gutenberg"):
        from pipeline.experiments.verse.poems import verse_folder  # pyarrow takes a while to load

        verse_folder(params.poems.source)
