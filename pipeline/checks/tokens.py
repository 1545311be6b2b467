"""The kind of text that `tokens.unit` needs."""

from pipeline.checks.download import OURS
from pipeline.run.errors import UserError
from pipeline.settings.params import Params


def check(params: Params) -> None:
    """Raise `UserError` if a dump is to be read as text that is already tokenized."""
    if params.tokens.unit == "line" and _reads_dump(params.wiki.source):
        raise UserError(
            f"params.yaml: tokens.unit is 'line', for text that is already tokenized, but wiki.source is "
            f"{params.wiki.source!r}, which is read as a dump; give the folder of the text, or set tokens.unit to "
            "sentence"
        )


def _reads_dump(source: str) -> bool:
    from pipeline.dumps.files import own_files  # the parser of wikitext takes a while to load

    try:
        return source in OURS or own_files(source).kind == "dump"
    except UserError:  # the files may be gone by now; before `download`, its own check reports it
        return source.lower().endswith((".xml", ".bz2", ".gz"))
