"""What `make setup` installs, and pins.txt, which holds it to versions that were tried."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINES = (ROOT / "pins.txt").read_text(encoding="utf-8").splitlines()
PINS = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in LINES)}
WANTED = map(Requirement, sum(PROJECT["optional-dependencies"].values(), PROJECT["dependencies"]))


def test_every_dependency_is_pinned_in_its_range_to_a_version_that_any_machine_can_install() -> None:
    for line in LINES:
        assert re.fullmatch(r"(?!nvidia|cuda|triton)[\w.-]+==[\w.]+", line)
    for wanted in WANTED:
        assert wanted.name == PROJECT["name"] or wanted.specifier.contains(PINS[canonicalize_name(wanted.name)]), wanted


@pytest.mark.parametrize(("target", "tools"), [("setup", False), ("repro", False), ("test", True), ("lint", True)])
def test_development_tools_come_only_with_what_needs_them(tmp_path: Path, target: str, tools: bool) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("Makefile", "pyproject.toml", "pins.txt", "bin/wikilm"):
        shutil.copy(ROOT / name, tmp_path / name)
    plan = subprocess.check_output(["make", "--dry-run", target], cwd=tmp_path, text=True)
    assert "--constraint pins.txt --editable ." in plan
    assert ("[dev]" in plan) == tools
