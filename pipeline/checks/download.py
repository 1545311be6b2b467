"""The user's files that `wiki.source` names."""

from pathlib import Path

from pipeline.run.errors import UserError
from pipeline.settings.params import Params

RAW_FOLDER = Path("data/raw")  # as in dvc.yaml
OURS = ("sample", "dumps")  # sources other than the user's files; both are dumps


def check(params: Params) -> None:
    """Raise `UserError` if the user's files are missing, unreadable, or where the stage would replace them."""
    if params.wiki.source in OURS:
        return
    from pipeline.dumps.files import check_files, own_files  # the parser of wikitext takes a while to load

    files = own_files(params.wiki.source)
    if any(path.resolve().is_relative_to(RAW_FOLDER.resolve()) for path in files.paths):
        raise UserError(
            f"params.yaml: wiki.source is {params.wiki.source!r}: the stage download replaces {RAW_FOLDER}; "
            "keep your files in another folder"
        )
    check_files(files, params.wiki.columns.model_dump())
