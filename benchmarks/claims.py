"""What the pages say of our figures.

    python -m benchmarks.claims

writes the figures of figures.json into the pages. claims.toml has for each page what it says, as pieces of its text
with keys where figures stand, such as `answers {vectors.shipped.google:.1%} of its questions`: what follows the colon
is a format of Python. A value with an interval reads 2.3 (0.7 to 3.9).
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.run.outputs import read_json

ROOT = Path(__file__).parents[1]
FIGURES, CLAIMS = ROOT / "benchmarks/figures.json", ROOT / "benchmarks/claims.toml"
KEY = re.compile(r"\{([\w.-]+):([^}]+)\}")
NUMBER = r"[+-]?[\d,]*\.?\d+%?"
FIGURE = rf"({NUMBER}(?: \({NUMBER}\s+to\s+{NUMBER}\))?)"


def read_claims() -> dict[Path, list[str]]:
    """Return what each page says."""
    return {ROOT / page: says for page, says in tomllib.loads(CLAIMS.read_text(encoding="utf-8")).items()}


def keys_of(claims: Mapping[Path, list[str]]) -> set[str]:
    """Return the keys of figures that pages cite."""
    return {key for says in claims.values() for claim in says for key, _ in KEY.findall(claim)}


def recorded() -> dict[str, Any]:
    """Return all figures by key."""
    return {key: value for run in read_json(FIGURES) for key, value in run["figures"].items()}


def place_of(claim: str, text: str) -> re.Match[str]:
    """Return where a page says this, whatever its figures are there; raises `ValueError` if not at one place."""
    pattern = FIGURE.join(r"\s+".join(map(re.escape, re.split(r"\s+", part))) for part in KEY.split(claim)[::3])
    found = [*re.finditer(pattern, text)]
    if len(found) != 1:
        raise ValueError(f"stands at {len(found)} places: {claim}")
    return found[0]


def shown(value: Any, form: str) -> str:
    """Return a figure, or (value, low, high), as a page shows it."""
    if isinstance(value, list):
        middle, low, high = (format(each, form) for each in value)
        return f"{middle} ({low} to {high})"
    return format(value, form)


def renewed(text: str, claims: list[str], figures: Mapping[str, Any]) -> str:
    """Return a page with the figures of what it says; raises `ValueError` as `place_of` does."""
    for claim in claims:
        place = place_of(claim, text)
        for number, (key, form) in reversed([*enumerate(KEY.findall(claim), 1)]):
            start, end = place.span(number)
            if text[start:end].split() != (new := shown(figures[key], form)).split():
                text = text[:start] + new + text[end:]
    return text


def main() -> None:
    """Renew the pages."""
    figures = recorded()
    for page, says in read_claims().items():
        page.write_text(renewed(page.read_text(encoding="utf-8"), says, figures), encoding="utf-8")


if __name__ == "__main__":
    main()
