"""The questions and the further sets on which vectors are evaluated."""

from pathlib import Path

from pipeline.run.section import path_of
from pipeline.settings.params import Params
from pipeline.vectors.questions import question_files

QUESTIONS = Path("questions")  # as in dvc.yaml


def check(params: Params) -> None:
    """Raise `UserError` if a file of questions or a set cannot be read."""
    list(question_files(QUESTIONS))
    if params.analogies.sets is not None:
        from pipeline.vectors.evaluation.sets import check_sets  # SciPy takes a while to load

        check_sets(path_of(params.analogies.sets))
