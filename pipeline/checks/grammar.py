"""The sets of minimal pairs on which language models are judged."""

from pipeline.run.section import dependency
from pipeline.scores.sets import read_set, sets_in
from pipeline.settings.params import Params


def check(params: Params) -> None:
    """Raise `UserError` if the folder of sets is missing, or one of them cannot be read."""
    for path in sets_in(dependency("grammar.sets", params.grammar.sets)).values():
        read_set([path])
