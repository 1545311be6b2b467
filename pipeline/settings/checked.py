"""Settings whose files and devices exist, which is checked before the first stage runs.

Each module of pipeline/checks is named after the stage that needs what it checks. They are imported by name here: a
check decides no output, so no stage depends on its code.
"""

from importlib import import_module

from pipeline.settings.params import Params, load_params

# From the dump to the analogies. A stage also runs the checks of later stages, but not of earlier ones.
ORDER = (
    "download", "templates", "extract", "tokens", "vocabulary", "index", "example", "baselines", "train", "grammar",
    "analogies",
)  # fmt: skip
CHECKED = ("download", "tokens", "train", "grammar", "analogies", "poems")


def checked_params(stage: str) -> Params:
    """Return params.yaml after the checks of a stage and of later ones; raises `UserError` if something is wrong."""
    params = load_params()
    check_stages(params, stage)
    return params


def check_stages(params: Params, first: str | None = None) -> None:
    """Raise `UserError` if a file or a device is missing that any stage needs, or that `first` or a later one needs."""
    later = ORDER[ORDER.index(first) :] if first in ORDER else (first,)
    for stage in CHECKED:
        if first is None or stage in later:
            check_stage(params, stage)


def check_stage(params: Params, stage: str) -> None:
    """Raise `UserError` if a file or a device is missing that a stage needs."""
    import_module(f"pipeline.checks.{stage}").check(params)
