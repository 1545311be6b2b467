"""Several projects in one environment: whose code `wikilm` runs, `wikilm new` and `wikilm repro`, in real processes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.project import Project, copy_of_the_project
from tests.waiting import wait_until
from wikilm import __version__, new_project

INACTIVE = {"PATH": os.defpath, "HOME": "/", "OMP_NUM_THREADS": "1"}
BORROWED = "import site; site.addsitedir({!r})\n"  # the packages of the tests' environment
UNIT = '''"""A unit of this project alone."""

from models.recurrent.units import Functions, Unit, Value


class Leaky(Unit, name="leaky", label="leaky unit", gates="candidate"):
    """A unit that mixes its sums half and half."""

    def step(self, f: Functions, x: Value, h: Value) -> tuple[Value]:
        """Return the new hidden values."""
        return (f.tanh(f.sums(x, h)) * 0.5 + h * 0.5,)
'''
TRAIN = """
from pathlib import Path
from tests.commands.conftest import SMALL, make_run
Path("own").mkdir()
make_run(Path("own"), SMALL | {"models.gru.unit": "leaky"})
"""
PROBE = """
import sys, time
from pathlib import Path
name, how = sys.argv[1], Path("how").read_text().split()
with Path("ran").open("a") as file:
    print(name, sys.executable, __file__, file=file)
if f"slow:{name}" in how:
    time.sleep(5)
    Path("ended").touch()
sys.exit(name in how)
"""
STAGES = ("index", "train", "parity", "poetry_generation", "poetry_classification", "report")
GIT = shutil.which("git")
FAULTY_GIT = f"""#!/bin/sh
case " $* " in *" commit "*) %s;; esac
exec {GIT} "$@"
"""


def run(program: Path, folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program of an environment, which is not active, in a folder."""
    environment = INACTIVE | variables
    return subprocess.run([program, *words], cwd=folder, env=environment, text=True, capture_output=True, check=False)


def refused(program: Path, folder: Path, *words: str, **variables: str) -> str:
    """Return the error, of one line, of a command that fails."""
    told = run(program, folder, *words, **variables)
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (1, "", 1), told.stderr
    return told.stderr.removeprefix("wikilm: error: ").rstrip("\n")


def whose(program: Path, folder: Path) -> list[str]:
    """Return whose code the program runs in a folder, and whose settings it reads."""
    version, *lines = run(program, folder, "--version").stdout.splitlines()
    assert version == f"wikilm {__version__}"
    return [line.split(maxsplit=1)[1] for line in lines]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project with a unit of its own, which it has trained, and settings of its own, all committed.

    It has an environment in which it is installed as an editable install is: Python finds it first.
    """
    project = copy_of_the_project(tmp_path_factory.mktemp("clone"))
    (project.root / "models/recurrent/units/leaky.py").write_text(UNIT)
    subprocess.check_call([sys.executable, "-c", TRAIN], cwd=project.root)
    project.set({"vocabulary.size": 300})
    (project.root / "dvc.lock").write_text("schema: '2.0'\n")
    (project.root / ".ci/run").chmod(0o755)
    project.commit("A run")
    environment = project.root / ".venv"
    subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", environment])
    (environment / "installed").touch()
    (packages,) = environment.glob("lib/python3.*/site-packages")
    (packages / "a.pth").write_text(f"{project.root}\n{BORROWED.format(sysconfig.get_path('purelib'))}")
    shutil.copy(ROOT / "bin/wikilm", environment / "bin")
    return project


@pytest.fixture(scope="module")
def program(clone: Project) -> Path:
    """The program of that clone's environment."""
    return clone.root / ".venv/bin/wikilm"


@pytest.fixture
def made(program: Path, clone: Project, tmp_path: Path) -> Path:
    """A project that `wikilm new` made of that clone."""
    told = run(program, clone.root, "new", str(tmp_path / "made"))
    assert told.returncode == 0, told.stderr
    return tmp_path / "made"


def test_the_environment_has_the_program_of_this_commit() -> None:
    """After an edit of bin/wikilm: `make setup`."""
    assert Path(sys.executable).with_name("wikilm").read_bytes() == (ROOT / "bin/wikilm").read_bytes()


def test_the_code_is_of_the_project_in_which_one_stands(
    program: Path, clone: Project, made: Path, tmp_path: Path
) -> None:
    assert whose(program, clone.root / "docs") == [str(clone.root)] * 2
    assert whose(program, clone.root / "own/data/models") == [str(clone.root), str(clone.root / "own")]
    assert whose(program, made) == whose(made / ".venv/bin/wikilm", made / "data") == [str(made)] * 2
    assert whose(program, tmp_path) == [str(clone.root), "none: no params.yaml is here or in a folder above"]
    for name in ("params.yaml", "dvc.yaml", "wikilm.py"):  # which run nobody's code
        (tmp_path / name).write_bytes((ROOT / "params.yaml").read_bytes())
    assert whose(program, tmp_path) == [str(clone.root), str(tmp_path)]


def test_a_copied_and_a_moved_clone_run_themselves_with_their_own_environment_too(
    clone: Project, tmp_path: Path
) -> None:
    copied = shutil.copytree(clone.root, tmp_path / "copied", symlinks=True)
    assert whose(copied / ".venv/bin/wikilm", copied) == [str(copied)] * 2
    moved = copied.rename(tmp_path / "moved")
    assert whose(moved / ".venv/bin/wikilm", moved / "docs") == [str(moved)] * 2
    (moved / ".venv/bin/wikilm").rename(tmp_path / "wikilm")
    (link := tmp_path / "link").symlink_to(clone.root / ".venv/bin/wikilm")
    assert whose(link, moved) == [str(moved)] * 2


def test_a_run_that_this_code_cannot_read_is_one_line_that_names_both_projects(program: Path, clone: Project) -> None:
    ask, data = ("next", "the", "--model", "gru", "--json"), clone.root / "own/data"
    assert json.loads(run(program, data, *ask).stdout)["model"] == "gru"
    both = f"; the run is of the project {clone.root}, the code of {ROOT}: ask it in {clone.root}"
    told = refused(program, ROOT, *ask, "--data", str(data))
    assert told.startswith(f"{data.parent}/params.yaml: models.gru.unit.kind is 'leaky'")
    assert told.endswith(both)
    other = clone.root / "other"
    shutil.copytree(data, other / "data")
    (other / "params.yaml").write_text((data.parent / "params.yaml").read_text().replace("leaky", "gru"))
    told = refused(program, ROOT, *ask, "--data", str(other / "data"))
    assert told.startswith(f"{other}/data/models/gru/model.json: settings.unit.kind is 'leaky'")
    assert told.endswith(both)


@pytest.mark.parametrize(
    "lacking", ["models", "pipeline/run/errors.py", "wikilm/__main__.py", "wikilm/plot.py", "models/language_model.py"]
)
def test_a_project_that_lacks_files_is_one_line_and_takes_none_of_another_clone(
    program: Path, made: Path, lacking: str
) -> None:
    (made / lacking).rename(made / "away")
    module = lacking.removesuffix(".py").replace("/", ".")
    told = refused(program, made / "docs", "next", "the", "--model", "enwiki-40m")
    package = module.partition(".")[0]
    assert told == f"{made}: lacks the module {module} of its own; `git checkout -- {package}` restores it"


def test_a_new_project_has_what_git_tracks_the_shipped_settings_and_the_environment(clone: Project, made: Path) -> None:
    git = ["git", "-C", str(made)]
    tracked, own = (subprocess.check_output(["git", "-C", root, "ls-files"], text=True) for root in (clone.root, made))
    assert set(tracked.split("\n")) - set(own.split("\n")) == {"dvc.lock"}
    assert (made / "params.yaml").read_bytes() == (ROOT / "params.yaml").read_bytes()
    assert (made / "models/recurrent/units/leaky.py").read_text() == UNIT
    assert os.access(made / ".ci/run", os.X_OK)
    assert subprocess.check_output([*git, "status", "--porcelain"]) == b""
    assert subprocess.check_output([*git, "rev-list", "--count", "HEAD"]) == b"1\n"
    assert (made / ".venv").readlink() == clone.root / ".venv"
    assert subprocess.check_output(["make", "-s", "setup"], cwd=made, text=True) == ""
    assert "pip" not in subprocess.check_output(["make", "-n", "repro"], cwd=made, text=True)
    listed = subprocess.run(
        [made / ".venv/bin/python", "-m", "dvc", "root"], cwd=made / "docs", text=True, capture_output=True
    )
    assert listed.stdout == "..\n"


def test_the_shipped_settings_are_those_of_this_commit() -> None:
    """After an edit of params.yaml: `git hash-object params.yaml`."""
    found = subprocess.check_output(["git", "hash-object", "params.yaml"], cwd=ROOT, text=True)
    assert found.strip() == new_project.SHIPPED_PARAMS


def test_a_folder_with_files_is_refused(program: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/.mine").touch()
    for name in ("full", "full/.mine"):
        told = refused(program, tmp_path, "new", name)
        assert told == f"{name}: exists and is not an empty folder; give another"
    assert refused(program, tmp_path, "new", "a/b") == f"{tmp_path}/a: no such folder; make it first"
    assert [path.name for path in tmp_path.rglob("*")] == ["full", ".mine"]


def test_a_project_inside_another_repository_says_so_and_is_made_where_one_stands(program: Path, made: Path) -> None:
    (made / "below/empty").mkdir(parents=True)
    told = run(program, made / "below", "new", "empty")
    assert f"a repository of its own, with one commit; {made} around it shows it as an untracked folder" in told.stdout
    assert told.stderr == f"Next: cd {made}/below/empty, edit wiki in params.yaml, and run `wikilm repro`\n"
    assert whose(program, made / "below/empty") == [str(made / "below/empty")] * 2
    assert (made / "below/empty/.venv").readlink() == (made / ".venv").readlink()


def test_what_git_lacks_is_named(program: Path, made: Path, tmp_path: Path) -> None:
    (made / "docs/book.md").unlink()
    told = refused(program, made, "new", "another")
    assert told == f"{made}/docs/book.md: not found, and git tracks it; `git checkout -- docs/book.md` restores it"
    (without := tmp_path / "bin").mkdir()
    for name in ("dirname", "readlink"):
        (without / name).symlink_to(str(shutil.which(name)))
    assert refused(program, made, "new", "another", PATH=str(without)) == "git: not found; install it"
    shutil.rmtree(made / ".git")
    assert refused(program, made, "new", "another").startswith(
        f"{made}: `git ls-files` failed: fatal: not a git repository"
    )
    (made / "params.yaml").write_text("# My own.\n")
    project = Project(made)
    subprocess.check_call(["git", "init", "--quiet"], cwd=made)
    project.commit("Without a history")
    told = refused(program, made, "new", "another")
    assert (
        told == f"{made}: git lacks the params.yaml that was shipped; fetch the whole history (git fetch --unshallow)"
    )
    assert not list(made.glob("*another*"))


@pytest.mark.parametrize(
    ("fault", "code", "left"),
    [("echo fatal: no room >&2; exit 1", 1, 0), ("kill -INT $PPID; sleep 1", 130, 0), ("kill -9 $PPID", -9, 1)],
)
def test_a_project_that_fails_or_is_killed_is_not_there(
    program: Path, tmp_path: Path, fault: str, code: int, left: int
) -> None:
    (git := tmp_path / "bin/git").parent.mkdir()
    git.write_text(FAULTY_GIT % fault)
    git.chmod(0o755)
    (there := tmp_path / "there").mkdir()
    told = run(program, there, "new", "made", PATH=f"{git.parent}{os.pathsep}{os.defpath}")
    assert (told.returncode, told.stdout, len([*there.iterdir()])) == (code, "", left)
    assert not (there / "made").exists()
    assert run(program, there, "new", "made").returncode == 0
    assert [*there.iterdir()] == [there / "made"]


@pytest.fixture
def probed(made: Path) -> Path:
    """A project whose stages write down which Python ran which file, and fail or wait as the file `how` says."""
    (made / "pipeline/probe.py").write_text(PROBE)
    stages = {name: {"cmd": f"python -m pipeline.probe {name}", "deps": ["how"]} for name in STAGES}
    (made / "dvc.yaml").write_text(json.dumps({"stages": stages}))
    (made / "how").touch()
    return made


def test_repro_runs_the_stages_of_its_project_with_its_own_python_and_dvc(program: Path, probed: Path) -> None:
    told = run(program, probed / "docs", "repro", "parity", PYTHONSAFEPATH="1")
    assert told.returncode == 0, told.stderr
    of_parity, python = f"parity {program.parent}/python ", f" {program.parent}/python {probed}/pipeline/probe.py\n"
    assert (probed / "ran").read_text().startswith(of_parity)
    told = run(program, probed, "repro")
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("params.yaml: valid; models: ")
    assert told.stdout.splitlines()[-1].startswith("The page is data/reports/index.html. To record this run: ")
    ran = (probed / "ran").read_text()
    assert sorted(line.split()[0] for line in ran.splitlines()) == sorted(STAGES)
    assert ran.count(python) == len(STAGES)
    assert json.loads(run(program, probed, "repro", "report", "--json").stdout) == {"targets": ["report"]}
    assert (probed / "ran").read_text() == ran  # nothing changed


def test_repro_fails_as_dvc_does_and_not_before_all_have_ended(program: Path, probed: Path) -> None:
    (probed / "how").write_text("train slow:poetry_classification")
    told = run(program, probed, "repro")
    assert told.returncode == 1
    assert told.stderr.endswith("wikilm: error: DVC failed; its messages above say why\n")
    assert {line.split()[0] for line in (probed / "ran").read_text().splitlines()} == {*STAGES} - {"report"}
    told_of = {
        "gru": "no such stage; there is train@gru",
        "trian": "no such stage",
        "train@nope": "models has no 'nope'",
    }
    for target, told_there in told_of.items():
        assert told_there in run(program, probed, "repro", target).stderr
    (probed / "dvc.yaml").unlink()
    assert (
        refused(program, probed, "repro")
        == f"{probed}/dvc.yaml: not found; change to a project (`wikilm new` makes one)"
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_repro_and_its_stages(program: Path, probed: Path, number: signal.Signals, code: int) -> None:
    (probed / "how").write_text("slow:index")
    with subprocess.Popen(
        [program, "repro"],
        cwd=probed,
        env=INACTIVE,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        wait_until(lambda: (probed / "ran").is_file() and (probed / "ran").read_text())
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
        _, told = process.communicate()
    assert process.returncode == code
    assert b"wikilm" not in told
    assert (probed / "ran").read_text().count("\n") == 1
    assert not (probed / "ended").exists()  # no stage runs on
