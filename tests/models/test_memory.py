import subprocess
import sys

from tests.conftest import ROOT

# Importing every module of `models` must set nothing; the function must then set something on glibc alone.
CODE = """
import ctypes, importlib, pkgutil, platform

class Library(ctypes.CDLL):
    calls = []

    def __getattr__(self, name):
        if name == "mallopt":
            return lambda *setting: self.calls.append(setting)
        return super().__getattr__(name)

ctypes.CDLL = Library
import models
for module in pkgutil.walk_packages(models.__path__, "models."):
    importlib.import_module(module.name)
assert not Library.calls
importlib.import_module("models.recurrent.devices").keep_freed_memory()
assert len(Library.calls) == 2 * (platform.libc_ver()[0] == "glibc")
"""


def test_importing_models_leaves_the_processs_memory_alone() -> None:
    subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, check=True)
