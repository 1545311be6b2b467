"""The files from which models start, and the device that trains them."""

from pipeline.run.errors import UserError
from pipeline.run.section import path_of
from pipeline.settings.params import Params
from pipeline.trained.files import RECORD, WEIGHTS


def check(params: Params) -> None:
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
        import torch  # takes seconds to load

        if not (torch.cuda.is_available() or torch.backends.mps.is_available()):
            raise UserError("params.yaml: runtime.accelerator is 'gpu': torch finds no GPU here; give auto or cpu")
