"""The undamaged files with which every case begins."""

import bz2
import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline import download
from tests.commands.conftest import SMALL, make_run
from tests.conftest import change_params
from tests.small_dumps import a_dump
from wikilm.__main__ import main as wikilm
from wikilm.packed import shipped
from wikilm.packed_model import ZIP


def main(arguments: Sequence[str]) -> None:
    """Make a run with its dump in a new folder, beside packed vectors and the language model that comes with wikilm."""
    (root := Path(arguments[0])).mkdir()
    make_run(root, SMALL)
    with contextlib.chdir(root):
        Path("tiny.xml.bz2").write_bytes(bz2.compress(a_dump().encode()))
        change_params(Path("params.yaml"), {"wiki.source": "tiny.xml.bz2", "wiki.project": "enwiki"})
        download.main(["data/raw"])
        wikilm(["pack", "svd", "svd.npz", "--source", "Twelve articles", "--licence", "CC0"])
    shutil.copy(shipped(ZIP)["enwiki-40m"], root)
