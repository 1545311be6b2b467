"""The CPU seconds per megabyte of the hostile inputs that the tests hold to linear time, the slowest first.

`python -m benchmarks.hostile [--megabytes N]` prints the slowest kinds of markup and of prose, and how many were tried.
The exit code is 1 where four times the size takes more than nine times as long: in proportion is 4, a square 16.
"""

import argparse
import sys
from collections.abc import Callable, Iterator

from pipeline.words.sentences import split_sentences
from pipeline.words.words import split_words
from tests.waiting import cpu_seconds
from tests.wikitext.test_slow_inputs import INPUTS, page, seconds
from tests.words.test_sentences import HOSTILE

SHOWN = 8  # kinds
GROWTH = 9  # bound of the time of four times the size
TRIES = 10  # a busy machine makes some of them longer

Cost = Callable[[int], float]  # the CPU seconds of an input of so many bytes


def markup() -> Iterator[tuple[str, Cost]]:
    """Yield the name and the cost of each kind of markup, with lists, variants and definitions."""
    for name, kind in INPUTS.items():
        yield name, lambda size, kind=kind: seconds(page(kind, size))  # type: ignore[misc]


def prose() -> Iterator[tuple[str, Cost]]:
    """Yield the name and the cost of each kind of prose, split into sentences and into words."""
    steps: dict[str, Callable[[str], object]] = {
        "sentences": lambda text: split_sentences(text, "en"),
        "words": lambda text: split_words([text], "en"),
    }
    for part in HOSTILE:
        for step, split in steps.items():
            name = f"{step} of {part!r}, repeated"
            yield name, lambda size, part=part, split=split: cpu_seconds(split, part * (size // len(part.encode())))  # type: ignore[misc]


def least_costs(cost: Cost, size: int) -> tuple[float, float]:
    """Return the least cost of a quarter of a size and of all, of as many tries as bring the growth below its bound."""
    whole, quarter = cost(size), cost(size // 4)  # in this order: the first call may load a table
    for _ in range(TRIES):
        if whole <= GROWTH * quarter:
            break
        whole, quarter = min(whole, cost(size)), min(quarter, cost(size // 4))
    return quarter, whole


def main() -> None:
    """Print the slowest kinds, and those that grow too fast."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=0.2, help="the size of each input (default %(default)s)")
    size = int(parser.parse_args().megabytes * 1e6)
    failed = False
    for what, kinds in (("markup", markup), ("prose", prose)):
        costs = {name: least_costs(cost, size) for name, cost in kinds()}
        print(f"{what}: {len(costs)} kinds of {size:,} bytes; seconds a megabyte:")
        for whole, name in sorted(((whole, name) for name, (_, whole) in costs.items()), reverse=True)[:SHOWN]:
            print(f"{whole / size * 1e6:>8.2f}  {name}")
        for name, (quarter, whole) in costs.items():
            if whole > GROWTH * quarter:
                failed = True
                print(f"fault: {name}: {whole:.3f} s, but {quarter:.3f} s for a quarter of it")
    sys.exit(failed)


if __name__ == "__main__":
    main()
