"""The questions and the further sets on which vectors are evaluated."""

from pathlib import Path

from pipeline.run.section import dependency
from pipeline.settings.params import Params
from pipeline.settings.result_sections import QUESTIONS
from pipeline.vectors.questions import question_files


def check(params: Params) -> None:
    """Raise `UserError` if a file of questions or a set cannot be read."""
    list(question_files(Path(QUESTIONS)))
    folder = dependency("analogies.sets", params.analogies.sets)
    if folder != Path(QUESTIONS) or any((folder / own).is_dir() for own in ("bats", "similarity")):
        from pipeline.vectors.evaluation.sets import check_sets  # SciPy takes a while to load

        check_sets(folder)
