"""What a later stage would refuse, refused by the first one that runs."""

import glob
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


def dump_files(pattern: str) -> list[Path]:
    """The files that `wiki.source` names, a path or a glob, by name; raises `UserError` where there are none."""
    expanded = Path(pattern).expanduser()
    # A name may hold the brackets of a glob.
    names = [str(expanded)] if expanded.is_file() else sorted(glob.glob(str(expanded), recursive=True))  # noqa: PTH207
    files = [Path(name) for name in names if Path(name).is_file()]
    if not files:
        found = "is a folder" if expanded.is_dir() else "no such file"
        raise UserError(
            f"params.yaml: wiki.source is {pattern!r}: {found}; give `sample`, `dumps`, or the path or glob of files"
        )
    return files


def verse_folder(source: str) -> Path:
    """The folder that `poems.source` names; raises `UserError` where there is none."""
    folder = Path(source).expanduser()
    if not folder.is_dir():
        problem = "is no folder" if folder.exists() else "does not exist"
        raise UserError(
            f"params.yaml: poems.source is {source!r}: {problem}; "
            "give `sample`, `gutenberg` or a folder of NAME.txt files"
        )
    return folder


def check_accelerator(accelerator: str) -> None:
    """Raise `UserError` where a GPU is asked for and torch finds none."""
    if accelerator == "gpu":
        import torch  # takes seconds to load

        if not (torch.cuda.is_available() or torch.backends.mps.is_available()):
            raise UserError("params.yaml: runtime.accelerator is 'gpu': torch finds no GPU here; give auto or cpu")


def _check_source(params: "Params") -> None:
    if params.wiki.source not in ("sample", "dumps"):
        dump_files(params.wiki.source)


def _check_training(params: "Params") -> None:
    for name, model in params.models.items():
        if model.kind == "language_model" and model.pretrained and not Path(model.pretrained.file).is_file():
            raise UserError(
                f"params.yaml: models.{name}.pretrained.file is {model.pretrained.file!r}: no such file; "
                "give a file of vectors in word2vec's format"
            )
    check_accelerator(params.runtime.accelerator)


def _check_verse(params: "Params") -> None:
    if params.poems and params.poems.source not in ("sample", "gutenberg"):
        verse_folder(params.poems.source)


CHECKS: dict[str, Callable[["Params"], None]] = {
    "download": _check_source,
    "train": _check_training,
    "poems": _check_verse,
}
