"""Settings at their limits and beyond: each key of the schema is given odd values, as `wikilm check` reads them.

`python -m benchmarks.settings` prints how many values were tried, refused in one line and accepted. Any other end, or a
value that takes more than a second, is a fault; then the exit code is 1.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch  # noqa: F401 # its loading would count as a slow check

import pipeline.vectors.evaluation.sets  # noqa: F401 # likewise
from pipeline.checks import check_stages
from pipeline.run.errors import UserError
from pipeline.run.failures import printable
from pipeline.settings import validated
from tests.settings.test_every_field import LIMITS, PLACES, WRONG, options

SECONDS, CHARACTERS = 1.0, 10_000  # bounds of a check's CPU time and of its message
NUMBERS = (0, -1, 1, 2**31, 2**63, 10**400, 1e308, -1e-308, 5e-324, float("nan"), float("-inf"))
TEXTS = ("", "\0", "a\n", "../..", "~", "a'b; c", "\x1b[2J", "*" * 5000, "[", "{}" * 99, "/dev/null", "9999-99-99")
ODD: tuple[Any, ...] = (*NUMBERS, *TEXTS, [[]] * 500, [0] * 5000, {"": {}}, {"\0": 1, "a b": {}}, {"a\nb": 1})


def values(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield wrong and odd values, and those at each limit of a key and next to it."""
    yield from (*WRONG, *ODD)
    for option in options(schema):
        yield from option.get("enum", ())
        for limit in LIMITS:
            if limit in option:
                yield from (option[limit] + step for step in (-1, -1e-9, 0, 1e-9, 1))


def outcome(params: dict[str, Any]) -> str:
    """Return what becomes of settings: accepted, refused, or a fault and what it is."""
    try:
        check_stages(validated(params))
    except (UserError, OSError) as error:  # the command has a line for both
        told = str(error)
        if "\n" in told or len(told) >= CHARACTERS:
            return f"fault: not a line of less than {CHARACTERS:,} characters: {told}"
        return "refused"
    except Exception as error:
        return f"fault: {type(error).__name__}: {error}"
    return "accepted"


def main() -> None:
    """Try all values of all keys."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, place in PLACES.items():
            for value in values(place.schema):
                start = time.process_time()
                became = outcome(place.params(value))
                if time.process_time() - start > SECONDS:
                    became = "fault: slow"
                counts[became.partition(":")[0]] += 1
                if became.startswith("fault"):
                    print(printable(f"{name}: {value!r:.60}: {became:.200}"))
    print(f"{len(PLACES)} keys, {counts.total():,} values: " + ", ".join(f"{n:,} {what}" for what, n in counts.items()))
    sys.exit(counts["fault"] > 0)


if __name__ == "__main__":
    main()
