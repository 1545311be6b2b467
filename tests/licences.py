"""The licences of the packages in pins.txt: `python -m tests.licences > docs/licences.md` writes their table."""

from collections import defaultdict
from importlib.metadata import PackageNotFoundError, metadata

from tests.conftest import ROOT

HEAD = """# Licences

The packages that `make setup`, `make test` and `make lint` install, by the licence that each declares.
`python -m tests.licences > docs/licences.md` writes this page. With a GPU, torch brings other packages.

The versions in `pins.txt` have not been checked for known vulnerabilities, because `pip-audit` needs a network.
With one, run `pip install pip-audit` and `pip-audit -r pins.txt --no-deps --disable-pip`.

| licence | packages |
|---|---|"""
# As SPDX calls what packages declare in their own words.
SPDX = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
    "New BSD": "BSD-3-Clause",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "LGPL-2.1-only": "LGPL-2.1-only",
}


def licence_of(package: str) -> str:
    """Return the licence that an installed package declares; `not installed here` if it is for other machines."""
    try:
        found = metadata(package)
    except PackageNotFoundError:
        return "not installed here"
    classifiers = [line.rpartition(" :: ")[2] for line in found.get_all("Classifier", []) if line.startswith("License")]
    declared = found["License-Expression"] or " or ".join(set(classifiers) - {"OSI Approved"})
    if not declared or declared in ("Other/Proprietary License", "BSD License"):
        short = (found["License"] or "").strip().partition("\n")[0]
        declared = short if short and len(short) < 60 else declared
    return " or ".join(SPDX.get(part, part) for part in declared.split(" or ")) or "not declared"


def table() -> str:
    """Return the table."""
    packages = defaultdict(list)
    for line in (ROOT / "pins.txt").read_text(encoding="utf-8").splitlines():
        name = line.partition("==")[0]
        packages[licence_of(name)].append(name)
    rows = sorted(packages.items(), key=lambda row: (-len(row[1]), row[0]))
    return "\n".join([HEAD, *(f"| {licence} | {', '.join(names)} |" for licence, names in rows)])


if __name__ == "__main__":
    print(table())
