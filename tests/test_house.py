"""The rules of the code: which modules may import which, and that dvc.yaml and docs/files.md agree with it."""

import ast
import inspect
import json
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from ruamel.yaml import YAML

from models.recurrent.units import UNITS
from pipeline.run.section import Section
from pipeline.settings.checked import CHECKED, ORDER
from pipeline.settings.model_sections import UnitSection
from pipeline.settings.params import Params
from tests.conftest import HERE, ROOT
from tests.sizes import RECORD, complaints, sizes

FILE = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
STAGES = {name: {"params": [], **stage.get("do", stage)} for name, stage in FILE.items()}
# They carry bytes, numbers and messages and decide none, so a change in them makes no output stale.
CHANGE_NO_OUTPUT = ("pipeline/records/", "pipeline/run/", "pipeline/settings/")
FINDS_MODULES = ROOT / "models/recurrent/units/__init__.py"
LIGHTNING = "pytorch_lightning|lightning_fabric"
# What each stage, section of the page, command, kind of vocabulary and check defines; hyperparameters of experiments.
SAME_MEANING = {"main", "section", "add_arguments", "KIND", "HIDDEN_SIZE", "LEARNING_RATE", "WEIGHT_DECAY", "check"}
# What opens or parses what others may have written: modules, functions, methods of any object (.NAME), and calls.
PAST_THE_DOORS = {
    *("bz2", "gzip", "lzma", "zipfile", "tarfile", "zlib", "pickle", "_pickle", "marshal", "shelve", "dbm", "plistlib"),
    *("safetensors", "h5py", "joblib", "dill", "cloudpickle", "pandas", "orjson", "configparser", "lxml"),
    *("numpy.memmap", "numpy.fromfile", "numpy.loadtxt", "numpy.genfromtxt", "numpy.fromregex", "numpy.DataSource"),
    *("numpy.lib", "torch.jit", "torch.hub", "torch.package", "torch.serialization", "gensim.utils", "transformers"),
    *("sqlite3.connect", "sqlite3.Connection()", "sqlite3.dbapi2", "sqlite_utils", "ruamel.yaml.YAML", "tomllib"),
    *("csv.reader", "csv.DictReader", "pyarrow.csv", "pyarrow.json", "pyarrow.ipc", "pyarrow.dataset", "xml"),
    *("pyarrow.parquet.read_table", "pyarrow.parquet.ParquetFile", "pyarrow.deserialize", "numpy.load", "torch.load"),
    *("json.load", "json.loads", ".load", ".loads", ".unsafe_load", ".full_load", ".model_validate_json", ".from_file"),
    *("open", ".open", ".read_text", ".read_bytes", ".readline", ".readlines", "mmap", "linecache", "fileinput"),
    *("os.open", "os.read", "os.fdopen", "sys.stdin", "io.open", "codecs.open", "shutil.unpack_archive", "runpy"),
    *("eval", "exec", "compile", "__import__", "importlib.import_module", "subprocess", "requests", "urllib.request"),
}
DOORS = {"pipeline/run/doors.py", "pipeline/run/archives.py", "pipeline/run/arrays.py"}
NEED_NO_DOOR = {
    # Doors of their own, which read blocks, lines or columns within limits.
    "pipeline/dumps/bzip2.py": {".open"},
    "pipeline/dumps/digests.py": {".open"},
    "pipeline/dumps/dump.py": {".open", "xml"},
    "pipeline/dumps/files.py": {".open"},
    "pipeline/dumps/prose/columns.py": {"pyarrow.parquet.ParquetFile"},
    "pipeline/dumps/prose/plain.py": {".open"},
    "pipeline/dumps/web.py": {"requests"},
    "pipeline/dumps/wikimedia.py": {".model_validate_json"},  # what `Web.text` let through
    "pipeline/example.py": {"pyarrow.parquet.read_table"},
    "pipeline/run/outputs.py": {".open"},
    "pipeline/run/tsv.py": {".open"},
    "pipeline/training/fit.py": {".load", "torch.load"},  # Lightning's checkpoint of an own run, its weights only
    "pipeline/training/pretrained.py": {".open"},
    "pipeline/vectors/word2vec_format.py": {".open"},
    "pipeline/words/counting.py": {"pyarrow.parquet.ParquetFile"},
    "pipeline/words/layout.py": {"pyarrow.parquet.read_table"},
    "wikilm/commands/score.py": {"sys.stdin"},
    # They write, or look at what came through a door.
    "pipeline/dumps/definitions.py": {".loads", "json.loads"},
    "pipeline/dumps/fetch.py": {".open"},
    "pipeline/settings/changes.py": {"ruamel.yaml.YAML"},
    "pipeline/store/building.py": {"sqlite_utils"},
    "pipeline/store/vocabulary.py": {".loads", "json.loads"},
    "pipeline/training/word2vec.py": {".open"},
    "pipeline/wikitext/elements.py": {".open"},  # a method of its own
    "wikilm/__main__.py": {".open", "os.open"},
    "wikilm/commands/dumps.py": {"requests"},
    "wikilm/commands/preset.py": {".read_bytes"},
    "wikilm/packed_model.py": {".read_bytes"},
    "wikilm/presets.py": {".load", "ruamel.yaml.YAML", "subprocess"},
    # The project's own code, its git, and what Linux says.
    "models/recurrent/units/__init__.py": {"importlib.import_module"},
    "pipeline/languages/language.py": {".loads", ".read_text", "tomllib"},
    "pipeline/page/provenance.py": {".read_text", "subprocess"},
    "pipeline/settings/checked.py": {"importlib.import_module"},
    "pipeline/store/vocabularies/__init__.py": {"importlib.import_module"},
    "pipeline/training/job.py": {".load", ".open", "ruamel.yaml.YAML"},
    "wikilm/commands/parser.py": {"importlib.import_module"},
    "wikilm/commands/repro.py": {"subprocess"},
    "wikilm/hugging_face/modeling_wikilm.py": {"transformers"},
    "wikilm/new_project.py": {"subprocess"},
}
ROOMS = [path for path in (ROOT / "pipeline").iterdir() if (path / "__init__.py").is_file()]


@cache
def imported_names(path: Path) -> frozenset[str]:
    """The modules that a file imports, and what it imports of them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


@cache
def imported(path: Path) -> frozenset[Path]:
    """The project's files that a file imports."""
    bases = [ROOT / name.replace(".", "/") for name in imported_names(path)]
    return frozenset(
        file for base in bases for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()
    )


@cache
def closure(path: Path) -> frozenset[str]:
    """All that a file imports, directly or not, itself included, as paths below the project's root.

    What pipeline/settings imports is not followed: of all sections a stage depends on its own.
    """
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            if file.parent.name != "settings":
                waiting += imported(file)
            if file == FINDS_MODULES:  # in its folder
                waiting += file.parent.glob("*.py")
    return frozenset(file.relative_to(ROOT).as_posix() for file in found)


def sections(annotation: Any) -> Iterator[type[Section]]:
    """Return the sections that a field with this annotation may hold, also nested ones."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
        for field in annotation.model_fields.values():
            yield from sections(field.annotation)
    elif get_origin(annotation) in (Annotated, Union, UnionType, dict, list):
        for inner in get_args(annotation):
            yield from sections(inner)


def section_files(stage: dict[str, Any]) -> set[str]:
    """The files with the defaults of the sections that a stage lists under `params`."""
    names = {key.split(".")[0] for key in stage["params"]}
    if "models" in stage["params"]:
        names -= {"models"}  # of which those stages read names and kinds alone
    found = {kind for name in names for kind in sections(Params.model_fields[name].annotation)}
    classes: set[type] = {base for kind in found for base in kind.__mro__ if issubclass(base, Section)}
    kinds = [get_args(kind.model_fields["kind"].annotation) for kind in found if issubclass(kind, UnitSection)]
    classes |= {UNITS[name] for (name,) in kinds}  # whose settings are the units' own
    return {Path(inspect.getfile(kind)).relative_to(ROOT).as_posix() for kind in classes}


def outs_of(stage: dict[str, Any]) -> list[str]:
    """What a stage writes, its metrics too."""
    outs = [*stage.get("outs", []), *stage.get("metrics", [])]
    return [next(iter(out)) if isinstance(out, dict) else out for out in outs]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_the_code_that_it_runs(name: str) -> None:
    files = {file for file in closure(ROOT / f"pipeline/{name}.py") if not file.startswith(CHANGE_NO_OUTPUT)}
    files |= {file for file in section_files(STAGES[name]) if file.startswith(("pipeline/settings", "models"))}
    needed = {file for file in files if not file.endswith("__init__.py")}
    tables = (path for file in needed for path in (ROOT / file).parent.glob("*.toml"))  # of languages
    needed |= {path.relative_to(ROOT).as_posix() for path in tables}
    listed = [dep for dep in STAGES[name]["deps"] if dep.startswith(("pipeline", "models"))]
    covered = {dep: {file for file in needed if file == dep or file.startswith(f"{dep}/")} for dep in listed}
    assert not needed.difference(*covered.values())
    assert all(covered.values()), covered


def test_every_module_directly_in_pipeline_is_a_stage() -> None:
    assert {path.stem for path in (ROOT / "pipeline").glob("*.py")} - {"__init__"} == set(STAGES)


@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("pipeline/baselines.py", "torch"),
        ("pipeline/compare.py", "torch"),
        ("pipeline/extract.py", "sqlite_utils"),  # which imports pandas in each worker
        ("pipeline/experiments/generation/poet.py", LIGHTNING),
        ("pipeline/training/svd.py", LIGHTNING),
        ("pipeline/training/word2vec.py", LIGHTNING),
        ("wikilm/run.py", LIGHTNING),
    ],
)
def test_what_trains_no_network_starts_without_libraries_that_take_seconds(name: str, library: str) -> None:
    slow = re.compile(rf"^(import|from) ({library})\b", re.MULTILINE)
    assert not [file for file in closure(ROOT / name) if slow.search((ROOT / file).read_text(encoding="utf-8"))]


def test_settings_are_read_without_torch() -> None:
    """Most commands and stages read them, and torch takes a second to import."""
    code = "import sys, pipeline.settings.params; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], env=HERE, check=True)


@pytest.mark.parametrize("name", STAGES)
def test_a_stages_command_names_its_outputs_and_dvcs_run_cache_sees_every_parameter_but_runtime(name: str) -> None:
    """DVC's run cache leaves keys called `size` or `nfiles` out, and would restore the outputs of another value.

    A stage with an output that persists stays out of that cache.
    """
    stage = STAGES[name]
    assert not any(key.startswith("runtime") for key in stage["params"])
    assert stage["cmd"].startswith(f"python -m pipeline.{name} ")
    for path in (out.replace("${key}", "NAME") for out in outs_of(stage)):
        folder = path.removesuffix(".json")  # whose account has its name (`stats_path`)
        assert {path, folder} & set(shlex.split(stage["cmd"]))
    kinds = (kind for key in stage["params"] for kind in sections(Params.model_fields[key.split(".")[0]].annotation))
    if {"size", "nfiles"} & {key for kind in kinds for key in kind.model_fields}:
        assert any("'persist': True" in str(out) for out in stage["outs"])


def test_models_languages_and_wikitext_know_nothing_of_the_rest_nor_of_the_stages_and_commands_above() -> None:
    above = {ROOT / f"pipeline/{name}.py" for name in STAGES} | set((ROOT / "wikilm").rglob("*.py"))
    for path in (*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "models").rglob("*.py")):
        assert not above & imported(path), path
        for room, below in (("models", ()), ("pipeline/languages", ()), ("pipeline/wikitext", ("pipeline/languages",))):
            if path.is_relative_to(ROOT / room):
                assert all(file.startswith((room, *below, "pipeline/__init__")) for file in closure(path)), path
        if path.is_relative_to(ROOT / "pipeline/run"):  # what all stages share loads fast
            assert not {"torch", "pytorch_lightning"} & {name.partition(".")[0] for name in imported_names(path)}, path


def public_names(path: Path) -> Iterator[str]:
    """Yield the names that a module defines for others."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for node in chain(body, *(each.body for each in body if isinstance(each, ast.If))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


def test_a_name_means_one_thing() -> None:
    """But for what users see: commands, which have the names of their modules, and the Python interface."""
    places: dict[str, set[Path]] = defaultdict(set)
    for path in (each for folder in ("pipeline", "models", "wikilm") for each in (ROOT / folder).rglob("*.py")):
        if path not in (ROOT / "wikilm/__init__.py", ROOT / "wikilm/plot.py"):
            for name in public_names(path):
                if name[0] != "_" and name != path.stem:
                    places[name].add(path)
    assert {name for name, paths in places.items() if len(paths) > 1} <= SAME_MEANING


def test_what_asks_a_model_trains_none_and_training_measures_and_shows_nothing() -> None:
    asking = {file for path in (ROOT / "wikilm").rglob("*.py") for file in imported(path)}
    training = {file for path in (ROOT / "pipeline/training").glob("*.py") for file in imported(path)}
    assert not [file for file in asking if ROOT / "pipeline/training" in file.parents]
    for room in ("checks", "experiments", "learning", "page", "scores"):
        assert not [file for file in training if ROOT / "pipeline" / room in file.parents]


def test_checks_are_named_after_stages_and_no_module_depends_on_their_code() -> None:
    assert {path.stem for path in (ROOT / "pipeline/checks").glob("*.py")} - {"__init__"} == set(CHECKED) <= set(STAGES)
    assert set(ORDER) <= set(STAGES)
    for path in (path for path in (ROOT / "pipeline").rglob("*.py") if path.parent.name != "checks"):
        assert not [file for file in imported(path) if ROOT / "pipeline/checks" in file.parents], path


def test_only_the_console_prints() -> None:
    """What it prints has no control sequences and no password."""
    for path in (each for folder in ("pipeline", "models", "wikilm") for each in (ROOT / folder).rglob("*.py")):
        called = {
            ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
        }
        printing = {"print", "tqdm", "tqdm.write", "sys.stderr.write", "sys.stdout.write", "warnings.warn"}
        assert not called & printing or path == ROOT / "pipeline/run/console.py", path


def opened_by(path: Path) -> set[str]:
    """What a file uses that is `PAST_THE_DOORS`, by any name."""
    tree, short, used = ast.parse(path.read_text(encoding="utf-8")), dict[str, str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0):
            of = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            used |= {of + each.name for each in node.names}
            short |= {each.asname or each.name: of + each.name for each in node.names if of or each.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            used.add(f".{node.attr}")
        if isinstance(node, ast.Attribute | ast.Name):
            first, dot, rest = ast.unparse(node).partition(".")
            used.add(f"{short.get(first, first)}{dot}{rest}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            first, dot, rest = ast.unparse(node.func).partition(".")
            used.add(f"{short.get(first, first)}{dot}{rest}()")
    return {name for name in PAST_THE_DOORS if any(f"{each}.".startswith(f"{name}.") for each in used)}


def test_what_others_may_have_written_is_opened_through_the_doors() -> None:
    paths = {path for folder in ("pipeline", "models", "wikilm") for path in (ROOT / folder).rglob("*.py")}
    found = {path.relative_to(ROOT).as_posix(): opened_by(path) for path in paths}
    assert {name: own for name, own in found.items() if own and name not in DOORS} == NEED_NO_DOOR
    fit = (ROOT / "pipeline/training/fit.py").read_text(encoding="utf-8")
    assert len(re.findall(r"torch\.load\([^)]*weights_only=True\)", fit)) == fit.count("torch.load(")


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nnp.load('a')",
        "from numpy import load",
        "import numpy as np\nload = np.load",
        "import numpy.lib.npyio as n",
        "import zipfile as z",
        "from safetensors.torch import load_file",
        "import sqlite3 as s\ns.connect('a')",
        "from sqlite3 import connect",
        "import sqlite3\nsqlite3.Connection('a')",
        "from sqlite_utils import Database",
        "import torch\nif torch:\n    torch.load('a')",
        "import torch.serialization as s\ns.load('a')",
        "from gensim.models import KeyedVectors\nKeyedVectors.load('a')",
        "import json as j\nj.loads('a')",
        "from json import loads as parse",
        "import ruamel.yaml as r\nr.YAML(typ='unsafe')",
        "open('a').read()",
        "path.open('rb').read()",
        "list(path.open())",
        "read = path.read_text",
        "import sys\nsys.stdin.read()",
        "import pyarrow.parquet as pq\npq.read_table('a')",
        "__import__('pickle')",
        "from importlib import import_module as get\nget('pickle')",
        "import subprocess as s\ns.run(['cat', 'a'])",
        "import requests as r\nr.get('a')",
    ],
)
def test_what_goes_past_the_doors_is_found(code: str, tmp_path: Path) -> None:
    (path := tmp_path / "code.py").write_text(code)
    assert opened_by(path)


def test_no_two_rooms_import_each_other() -> None:
    """Nested rooms, such as those of experiments, count as one."""
    above = {
        room: {r for f in room.rglob("*.py") for i in imported(f) for r in ROOMS if r in i.parents} for room in ROOMS
    }
    TopologicalSorter({room: others - {room} for room, others in above.items()}).prepare()  # raises `CycleError`


def test_no_command_has_anything_of_params_yaml() -> None:
    """A shell would read it, before any stage can refuse it."""
    assert not [name for name, stage in STAGES.items() if "${" in stage["cmd"]]


def test_the_table_of_stages_is_dvc_yamls_and_names_parameters_and_outputs() -> None:
    page = (ROOT / "docs/files.md").read_text(encoding="utf-8")
    rows = {name: row for row, name in re.findall(r"^(\| `(\w+)`.*)$", page, re.MULTILINE)}
    assert list(rows) == list(STAGES)
    for name, stage in STAGES.items():
        outs = [out for out in outs_of(stage) if not out.startswith(("data/metrics", "data/plots"))]
        words = {f"`{word.replace('${key}', 'NAME')}`" for word in (*stage["params"], *outs)}
        assert not {word for word in words if word not in rows[name]}


def test_no_room_grew_by_more_than_5_per_cent_over_its_record() -> None:
    assert "\n".join(complaints(sizes(), json.loads(RECORD.read_text(encoding="utf-8")))) == ""


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"words, lines of code": 1050}, ""),
        ({"words, lines of code": 1051}, "1,051, 5% over its record of 1,000; see"),
        ({"small, lines of code": 30}, ""),
        ({"small, lines of code": 31}, "31, 55% over its record of 20; see"),
        ({"new, lines": 1}, "new, lines: 1, and no record; see"),
    ],
)
def test_a_room_that_grew_is_told_in_one_line(found: dict[str, int], told: str) -> None:
    lines = complaints(found, {"words, lines of code": 1000, "small, lines of code": 20})
    assert len(lines) == bool(told)
    assert told in "".join(lines)


def test_the_page_reads_json_and_computes_no_figure() -> None:
    """Of other rooms it takes names and words: of units, of kinds of vocabulary, of rules, and which model is the best.

    It writes tables for `dvc plots`, and reads no file but through records, metrics and times.
    """
    words = r"models\.recurrent\.units|pipeline\.(scores|vectors\.evaluation)\.wording|pipeline\.vectors\.questions"
    rooms = rf"pipeline\.(page|records|run|store\.vocabular(y|ies)|vectors\.evaluation\.choice)|{words}"
    allowed = re.compile(rf"({rooms}|markupsafe|{'|'.join(sys.stdlib_module_names - {'sqlite3', 'statistics'})})(\.|$)")
    readers = {f"pipeline.run.{name}" for name in ("outputs.read_array", "outputs.read_tensors", "tsv.read_table")}
    for path in (ROOT / "pipeline/page").glob("*.py"):
        names = imported_names(path)
        assert not {name for name in names if not allowed.match(name)} | names & readers, path
