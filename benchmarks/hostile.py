"""The CPU seconds per megabyte of the hostile inputs that the tests hold to linear time, the slowest first.

`python -m benchmarks.hostile [--megabytes N]` prints the slowest kinds of markup and of prose, and how many were tried.
"""

import argparse
from collections.abc import Callable, Iterator

from pipeline.text.splitting.sentences import split_sentences
from pipeline.text.splitting.words import split_words
from tests.text.test_sentences import HOSTILE
from tests.waiting import cpu_seconds
from tests.wikitext.test_slow_inputs import INPUTS, page, seconds

SHOWN = 8  # kinds


def markup(size: int) -> Iterator[tuple[float, str]]:
    """Yield the seconds per megabyte and the name of each kind of markup, with lists, variants and definitions."""
    for name, kind in INPUTS.items():
        text = page(kind, size)
        yield seconds(text) / len(text.encode()) * 1e6, name


def prose(size: int) -> Iterator[tuple[float, str]]:
    """Yield the seconds per megabyte and the name of each kind of prose, split into sentences and into words."""
    for part in HOSTILE:
        text = part * (size // len(part))
        steps: dict[str, Callable[[str], object]] = {
            "sentences": lambda text: split_sentences(text, "en"),
            "words": lambda text: split_words([text], "en"),
        }
        for step, split in steps.items():
            yield cpu_seconds(split, text) / len(text.encode()) * 1e6, f"{step} of {part!r}, repeated"


def main() -> None:
    """Print the slowest kinds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=0.2, help="the size of each input (default %(default)s)")
    size = int(parser.parse_args().megabytes * 1e6)
    for what, kinds in (("markup", markup), ("prose", prose)):
        found = sorted(kinds(size), reverse=True)
        print(f"{what}: {len(found)} kinds of {size:,} characters; seconds a megabyte:")
        for taken, name in found[:SHOWN]:
            print(f"{taken:>8.2f}  {name}")


if __name__ == "__main__":
    main()
