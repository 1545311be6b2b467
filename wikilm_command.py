"""The program `wikilm`: finds the project in which it stands, and runs the command with that project's code.

Several projects may share an environment, whose `wikilm` belongs to the clone that was installed there. Nothing of
`wikilm`, `pipeline` and `models` may be imported before it is known whose they are, so this module stands apart.
"""

import sys
from pathlib import Path

FILES = "dvc.yaml", "params.yaml", "wikilm/__init__.py"  # of a project; settings alone run nobody's code
PACKAGES = "wikilm", "pipeline", "models"


def find_code() -> Path:
    """Return the nearest folder, from the working folder upward, that is a project; else the clone of this file."""
    own = Path(__file__).parent
    try:
        here = Path.cwd()
        return next((each for each in (here, *here.parents) if all((each / name).is_file() for name in FILES)), own)
    except OSError:  # the working folder was deleted, as the command will say, or one above cannot be read
        return own


def main() -> None:
    """Run the command line with the project's code; a module that is missing is an error in one line."""
    code = find_code()
    for name in PACKAGES:
        if not (code / name / "__init__.py").is_file():  # Python would take another clone's
            sys.exit(_lacks(code, name))
    sys.path.insert(0, str(code))
    try:
        from wikilm.__main__ import main as command

        command()
    except ModuleNotFoundError as error:
        sys.exit(_lacks(code, str(error.name)))


def _lacks(code: Path, module: str) -> str:
    """Return the error that reports a module that the code imports and that is not there."""
    package = module.partition(".")[0]
    told = f"lacks the module {module} of its own; `git checkout -- {package}` restores it"
    if package not in PACKAGES:
        told = f"needs the module {module}, which {sys.prefix} lacks; install what its pyproject.toml names"
    return f"wikilm: error: {code}: {told}"
