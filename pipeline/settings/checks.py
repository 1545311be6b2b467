"""What a later stage would refuse, refused by the first one that runs.

Each check loads only what it needs, since every stage and `wikilm check` come by here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.run.console import UserError

if TYPE_CHECKING:
    from pipeline.settings import Params

# From the dump to the models: a stage is checked by itself and by those before it.
ORDER = ("download", "extract", "tokens", "vocabulary", "index", "baselines", "train")


def check_later_stages(params: "Params", stage: str) -> None:
    """Raise `UserError` where a file or a device is missing that `stage` or a later one needs."""
    for needed_by, check in CHECKS.items():
        if stage == needed_by or (stage in ORDER and needed_by in ORDER[ORDER.index(stage) :]):
            check(params)


def _check_source(params: "Params") -> None:
    if params.wiki.source not in ("sample", "dumps"):
        from pipeline.sources.dumps.dump import dump_files

        dump_files(params.wiki.source)


def _check_training(params: "Params") -> None:
    for name, model in params.models.items():
        if model.kind == "language_model" and model.pretrained and not Path(model.pretrained.file).is_file():
            raise UserError(
                f"params.yaml: models.{name}.pretrained.file is {model.pretrained.file!r}: no such file; "
                "give a file of vectors in word2vec's format"
            )
    if params.runtime.accelerator == "gpu":
        from pipeline.training.devices import check_gpu  # torch takes seconds to load

        check_gpu()


def _check_verse(params: "Params") -> None:
    if params.poems and params.poems.source not in ("sample", "gutenberg"):
        from pipeline.experiments.verse.poems import verse_folder

        verse_folder(params.poems.source)


CHECKS: dict[str, Callable[["Params"], None]] = {
    "download": _check_source,
    "train": _check_training,
    "poems": _check_verse,
}
