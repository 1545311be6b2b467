"""Checks of the files and devices that settings need, made before the first stage runs.

Each check imports only what it needs, because all stages and `wikilm check` run it.
"""

from collections.abc import Callable
from pathlib import Path

from pipeline.run.errors import UserError
from pipeline.run.section import path_of
from pipeline.settings.params import Params, load_params
from pipeline.trained.files import RECORD, WEIGHTS

RAW_FOLDER, QUESTIONS = Path("data/raw"), Path("questions")  # as in dvc.yaml
OURS = ("sample", "dumps")  # sources other than the user's files; both are dumps
# From the dump to the analogies. A stage also runs the checks of later stages, but not of earlier ones.
ORDER = ("download", "templates", "extract", "tokens", "vocabulary", "index", "baselines", "train", "analogies")


def checked_params(stage: str) -> Params:
    """Return params.yaml after the checks of a stage and of later ones; raises `UserError` if something is wrong."""
    params = load_params()
    check_stages(params, stage)
    return params


def check_stages(params: Params, first: str | None = None) -> None:
    """Raise `UserError` if a file or a device is missing that any stage needs, or that `first` or a later one needs."""
    later = ORDER[ORDER.index(first) :] if first in ORDER else (first,)
    for stage, check in CHECKS.items():
        if first is None or stage in later:
            check(params)


def _check_source(params: Params) -> None:
    if params.wiki.source not in OURS:
        from pipeline.dumps.files import check_files, own_files

        files = own_files(params.wiki.source)
        if any(path.resolve().is_relative_to(RAW_FOLDER.resolve()) for path in files.paths):
            raise UserError(
                f"params.yaml: wiki.source is {params.wiki.source!r}: the stage download replaces {RAW_FOLDER}; "
                "keep your files in another folder"
            )
        check_files(files, params.wiki.columns.model_dump())


def _check_unit(params: Params) -> None:
    if params.tokens.unit == "line" and _reads_dump(params.wiki.source):
        raise UserError(
            f"params.yaml: tokens.unit is 'line', for text that is already tokenized, but wiki.source is "
            f"{params.wiki.source!r}, which is read as a dump; give the folder of the text, or set tokens.unit to "
            "sentence"
        )


def _reads_dump(source: str) -> bool:
    from pipeline.dumps.files import own_files

    try:
        return source in OURS or own_files(source).kind == "dump"
    except UserError:  # the files may be gone by now; before `download`, `_check_source` reports it
        return source.lower().endswith((".xml", ".bz2", ".gz"))


def check_training(params: Params) -> None:
    """Raise `UserError` if a file or a device is missing that the training of a model needs."""
    vocabularies = params.vocabulary.chosen.files
    for name, model in params.models.items():
        start = model.start if model.kind == "language_model" else None
        if start and start.kind == "model":
            files = RECORD, WEIGHTS, *vocabularies
            if missing := [file for file in files if not (path_of(start.folder) / file).is_file()]:
                raise UserError(
                    f"params.yaml: models.{name}.start.folder is {start.folder!r}: holds no {missing[0]}; copy a "
                    f"folder of data/models out of data/, and of data/ {' and '.join(vocabularies)} into it"
                )
        if start and start.kind == "file" and not path_of(start.file).is_file():
            raise UserError(
                f"params.yaml: models.{name}.start.file is {start.file!r}: no such file; "
                "give a file of vectors in word2vec's format"
            )
    if params.runtime.accelerator == "gpu":
        from pipeline.training.devices import check_gpu  # torch takes seconds to load

        check_gpu()


def _check_questions(params: Params) -> None:
    from pipeline.vectors.questions import question_files

    list(question_files(QUESTIONS))
    if params.analogies.sets is not None:
        from pipeline.vectors.evaluation.sets import check_sets  # SciPy takes a while to load

        check_sets(path_of(params.analogies.sets))


def _check_verse(params: Params) -> None:
    if params.poems and params.poems.source not in ("sample", "gutenberg"):
        from pipeline.experiments.verse.poems import verse_folder

        verse_folder(params.poems.source)


CHECKS: dict[str, Callable[[Params], None]] = {
    "download": _check_source,
    "tokens": _check_unit,
    "train": check_training,
    "analogies": _check_questions,
    "poems": _check_verse,
}
