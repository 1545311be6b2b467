"""Read what a run of the pipeline made: text, word ids, language models and word vectors.

    import wikilm

    run = wikilm.open("data")
    run.language_model().next_words("the king of", top=5)
    run.vectors("gru").most_similar("king")

The command `wikilm` gives the same answers. docs/python.md has more examples.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.languages.language import DEFAULT
from pipeline.run.errors import UserError as Error
from pipeline.settings.params import PARAMS
from pipeline.store.sequences import Sequences
from wikilm import plot
from wikilm.prediction import LanguageModel
from wikilm.run import Run, packed_language_model
from wikilm.run_folder import DATA, find_project

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

Error.__module__, Error.__qualname__, Error.__name__ = "wikilm", "Error", "Error"
__all__ = [
    "Error", "LanguageModel", "Run", "Sequences", "open", "open_language_model", "open_vectors", "plot",
    "strip_markup",
]  # fmt: skip
__version__ = "1.0.0"


def open(folder: str | Path | None = None) -> Run:
    """Return the run in a folder such as `data`; by default the run of the project that you are in.

    Raises `Error` if there is no such folder. Files are read when they are needed.
    """
    if folder is None:
        if (root := find_project()) is None:
            raise Error(f"{PARAMS}: not found, neither here nor in a folder above; run this inside the project")
        folder = root / DATA
    run = Run(folder)
    if not run.path.is_dir():
        raise Error(f"{run.path}: no such folder; `dvc repro` makes it, or give another")
    run.path = run.path.absolute()  # the working folder may change
    return run


def __dir__() -> list[str]:
    return __all__


def open_language_model(name: str | Path | None = None) -> LanguageModel:
    """Return a language model from a file that `wikilm pack` wrote, or one that comes with wikilm, which needs no run.

    `name` is the file's path, or the name of one that comes with wikilm; by default the first of these.
    """
    from wikilm.packed import shipped
    from wikilm.packed_model import ZIP

    if name is None and not (name := next(iter(shipped(ZIP)), None)):
        raise Error("no language model comes with wikilm; give a file of `wikilm pack`")
    return packed_language_model(str(name))


def open_vectors(name: str | Path | None = None) -> "KeyedVectors":
    """Return word vectors from a file that `wikilm pack` wrote, or those that come with wikilm, which need no run.

    `name` is the file's path, or the name of vectors that come with wikilm; by default the first of these.
    """
    from pipeline.vectors.keyed import keyed_vectors
    from wikilm.packed import find_packed, read_packed, shipped

    if name is None and not (name := next(iter(shipped()), None)):
        raise Error("no vectors come with wikilm; give a file of `wikilm pack`")
    packed = read_packed(find_packed(str(name)))
    return keyed_vectors(packed.words, packed.vectors)


def strip_markup(wikitext: str, language: str = DEFAULT) -> str:
    """Return the prose of a page: paragraphs, separated by newlines. `language` is a Wikipedia's code, such as `de`.

    Templates whose definition is only in a dump are dropped. Raises `Error` if there is no Wikipedia of that language.
    """
    from pipeline.wikitext import Site
    from pipeline.wikitext import strip_markup as strip
    from pipeline.wikitext.site import CODES

    if language not in CODES:
        raise Error(f"language is {language!r}; it must be the code of a Wikipedia, such as en, de or zh-yue")
    return strip(wikitext, Site(f"{language.replace('-', '_')}wiki", language))
