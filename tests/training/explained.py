"""Print the modules that fit the default GRU: `python -m tests.training.explained`.

They come in an order that explains the training: the text as rows of word ids, batches, the model, the training, its
settings, and what every stage needs. In a room a module follows those that it imports. Other units and other kinds of
vocabulary are left out: their packages import them all to find them, and the GRU on words uses none.
"""

import ast
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from pipeline.store.building import build
from tests.articles import VOCABULARY, an_article
from tests.conftest import HERE, ROOT
from tests.sizes import lines_of_code
from tests.test_house import imported

ROOMS = ("pipeline/store", "pipeline/batches", "models", "pipeline/training", "pipeline/settings")
HOUSE = ("pipeline", "models")
FINDING = (ROOT / "models/recurrent/units", ROOT / "pipeline/store/vocabularies")
CHOSEN = ("__init__.py", "gru.py", "words.py")  # of these
LEAST_LINES = 4  # a shorter module is a package's line about itself
TRAIN = """
import json, sys
from pathlib import Path
from pipeline.run.runtime import Runtime
from pipeline.settings.model_sections import LanguageModelEntry
from pipeline.training.job import Job
from pipeline.training.language_model import data_of, fit_language_model
job = Job("gru", LanguageModelEntry(epochs=1), 1, Path("s.db"), Path("gru"), Runtime(), "train", "models.gru")
fit_language_model(job, data_of(job))
print(json.dumps([found for module in sys.modules.values() if (found := getattr(module, "__file__", None))]))
"""


class Module(NamedTuple):
    """A module's path below the project's root, its lines, also those of code, and the first line of its docstring."""

    path: str
    lines: int
    code: int
    about: str

    @classmethod
    def of(cls, path: Path) -> "Module":
        """Return a module by its path."""
        text = path.read_text(encoding="utf-8")
        about = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
        return cls(path.relative_to(ROOT).as_posix(), len(text.splitlines()), lines_of_code(text), about)

    def room(self) -> int:
        """Return the place of the module's room in the explanation."""
        return next((place for place, name in enumerate(ROOMS) if self.path.startswith(name)), len(ROOMS))


def modules() -> list[Module]:
    """Fit the default GRU for an epoch in a process of its own; return the project's modules that it imported."""
    with tempfile.TemporaryDirectory() as folder:
        splits = {0: "valid", 1: "test"}
        articles = [an_article(n, [[2, 3, 4], [3, 2]], splits.get(n, "train")) for n in range(9)]
        build(Path(folder, "s.db"), articles, VOCABULARY, 1.0)
        command = [sys.executable, "-c", TRAIN]
        process = subprocess.run(command, cwd=folder, env=HERE, capture_output=True, text=True, check=True)
    imports = map(Path, json.loads(process.stdout))
    ours = {path for path in imports if any(path.is_relative_to(ROOT / wing) for wing in HOUSE)}
    ours -= {path for path in ours if path.parent in FINDING and path.name not in CHOSEN}
    order: dict[Path, None] = {}

    def visit(path: Path) -> None:
        """Add a module after those that it imports."""
        for needed in sorted(imported(path) & ours - {path} - order.keys()):
            visit(needed)
        order.setdefault(path)

    for path in sorted(ours):
        visit(path)
    return sorted((module for module in map(Module.of, order) if module.lines >= LEAST_LINES), key=Module.room)


def page(found: list[Module]) -> str:
    """Return a line for each module with its lines of code, and their number in all."""
    rows = [f"{module.code:5}  {module.path:38} {module.about}" for module in found]
    return "\n".join([*rows, f"{sum(module.code for module in found):5}  lines of code in {len(found)} modules"])


if __name__ == "__main__":
    print(page(modules()))
