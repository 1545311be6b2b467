"""Sets of minimal pairs, suites and tables of words that are too deep, too long, endless, or code."""

import json
import lzma
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.hostile.case import Case, Make, writes
from tests.hostile.cases.terminal import ESCAPE, WRITTEN
from tests.hostile.cases.texts import DEEP, UTF16, device, endless

GRAMMAR, SCORE = "wikilm grammar {} --model gru", "wikilm score {} --words --model gru"
STAGE = (
    "pipeline.grammar data/sequences.db data/articles.json data/models data/metrics/train found --metrics found.json"
)
PAIR, COLUMNS = "the king rules\tthe rules king\n", "good\tbad\n"
HALF = json.dumps({"good": "the king \ud800", "bad": "the king"})


def suite(**changes: object) -> Callable[[], str]:
    """Return the text of a suite of one item, with other keys."""
    own = {"suite": "s", "formulas": ["(1;%a%) < (1;%b%)"], "items": {"1": {"a": ["the king"], "b": ["king the"]}}}
    return lambda: json.dumps(own | changes)


def items(**region: object) -> list[object]:
    """Return the items of a suite as SyntaxGym has them, of a region with other keys."""
    own = {"region_number": 1, "content": "the king"} | region
    return [{"conditions": [{"condition_name": name, "regions": [own]} for name in "ab"]}]


def formula(text: str) -> Callable[[], str]:
    return suite(formulas=[text])


def fifo(name: str) -> Make:
    """Return what makes a pipe, into which nobody writes."""

    def make(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        os.mkfifo(folder / name)

    return make


def linked(name: str, target: str) -> Make:
    """Return what makes a link, in the place of a folder if there is one."""

    def make(folder: Path) -> None:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(target)

    return make


def packed(text: str, repeated: int) -> Callable[[], bytes]:
    """Return what compresses a text that is repeated so many thousand times."""
    return lambda: lzma.compress(text.encode()) + lzma.compress(text.encode() * 1000, preset=0) * repeated


def for_4_gigabytes() -> bytes:
    """Return a file whose header says that so much was remembered as it was compressed."""
    whole = bytearray(lzma.compress((COLUMNS + PAIR).encode(), check=lzma.CHECK_CRC32))
    size = (whole[12] + 1) * 4
    whole[12 + 4] = 40
    whole[12 + size - 4 : 12 + size] = zlib.crc32(whole[12 : 12 + size - 4]).to_bytes(4, "little")
    return bytes(whole)


def table(row: str, number: int, columns: str = COLUMNS) -> Callable[[], str]:
    return lambda: columns + row * number


def many_files(folder: Path) -> None:
    (own := folder / "set").mkdir()
    for number in range(25_000):
        (own / f"{number}.txt").touch()


CASES = [
    *(
        Case(name, writes(file, content), GRAMMAR.format(file), (file, *says) if says else ())
        for name, file, content, *says in (
            ("minimal pairs", "p.tsv", COLUMNS + PAIR),
            ("a suite", "s.json", suite()),
            ("a nested pair", "p.jsonl", "[" * DEEP, "nested more than 64 deep"),
            ("a nested suite", "s.json", '{"items":' * DEEP, "nested more than 64 deep"),
            ("a line of pairs that never ends", "p.jsonl", lambda: '{"good": "' + "a" * 2_000_000, "longer"),
            ("pairs of 60 MB of empty objects", "p.jsonl", lambda: "{}\n" * 20_000_000, "more than"),
            ("pairs of 100 MB of short rows", "p.tsv", table("aa\tbb\n", 16_000_000), "more than"),
            ("packed pairs that inflate without an end", "p.tsv.xz", packed(PAIR, 8000), "longer"),
            ("packed pairs of short rows", "p.tsv.xz", packed("aa\tbb\n", 20_000), "more than"),
            ("packed pairs that are cut", "p.tsv.xz", lambda: packed(COLUMNS + PAIR, 1)()[:-9], "is damaged"),
            ("a pair with half of a character", "p.jsonl", HALF, "surrogates not allowed"),
            ("pairs in UTF-16", "p.tsv", UTF16, "UTF-8"),
            ("pairs with NULs", "p.tsv", COLUMNS + "the\0king\tking\0the\n"),
            ("pairs of a million columns", "p.tsv", lambda: COLUMNS[:-1] + "\tc" * 1_500_000, "longer"),
            (
                "pairs of 5,000 groups",
                "p.tsv",
                lambda: "good\tbad\tid\n" + "".join(f"the king\tking the\t{n}\n" for n in range(5000)),
                "id has more than",
            ),
            ("a group of 500,000 letters", "p.tsv", f"good\tbad\tid\na\tb\t{'x' * 500_000}\n", "id"),
            ("a group that is an escape", "p.tsv", f"good\tbad\tid\nthe king\tking the\t{ESCAPE}\n"),
            ("a column that is an escape", "p.tsv", f"good\tbad\t{ESCAPE}\na\tb\n", "line 2"),
            ("a good sentence that is a list", "p.jsonl", '{"good": [1], "bad": "a"}', "good is [1]"),
            ("a suite without items", "s.json", suite(items={}), "no items"),
            ("formulas that are a number", "s.json", suite(formulas=5), "wrong kind"),
            ("formulas that are a text", "s.json", suite(formulas="x"), "cannot be read"),
            ("items that are a number", "s.json", suite(items=5), "wrong kind"),
            ("items of lists", "s.json", suite(items=[[1]]), "wrong kind"),
            ("a region's number that is a word", "s.json", suite(items=items(region_number="x")), "wrong kind"),
            ("a region's number that is infinite", "s.json", suite(items=items(region_number=1e999)), "wrong kind"),
            ("a region's text that is a number", "s.json", suite(items=items(content=1)), "wrong kind"),
            ("a formula that is code", "s.json", formula("__import__('os').system('touch PWNED')"), "cannot be read"),
            ("a formula that is a power", "s.json", formula("9**9**9**9 < (1;%a%)"), "cannot be read"),
            ("a formula of 5,000 digits", "s.json", formula(f"({'9' * 5000};%a%) < (1;%b%)"), "cannot be read"),
            ("a number of 5,000 digits in a formula", "s.json", formula(f"{'9' * 5000} < (1;%b%)")),
            ("a formula of 5 MB", "s.json", lambda: formula("(1;%a%)+" * 600_000)(), "cannot be read"),
            ("a formula of blanks", "s.json", lambda: formula(" " * 5_000_000 + "x")(), "cannot be read"),
            ("a formula of brackets", "s.json", formula("[" * 1000 + "(1;%a%)" + "]" * 1000), "cannot be read"),
            ("a region that is an escape", "s.json", formula(f"(1;%{ESCAPE}%) < (1;%b%)"), WRITTEN),
            (
                "many formulas on many items",
                "s.json",
                suite(
                    formulas=[f"(1;%a%) < {n}" for n in range(40_000)],
                    items={str(n): {"a": ["x"]} for n in range(40_000)},
                ),
                "sums",
            ),
            (
                "many formulas on a long item",
                "s.json",
                suite(formulas=[f"(*;%a%) < {n}" for n in range(5000)], items={"1": {"a": ["x"] * 500_000}}),
                "sums",
            ),
        )
    ),
    Case("pairs without an end", endless("p.tsv"), GRAMMAR.format("p.tsv"), ("p.tsv", "longer")),
    Case("a suite without an end", endless("s.json"), GRAMMAR.format("s.json"), ("s.json", "longer")),
    Case(
        "packed pairs for 4 GB of memory",
        writes("p.tsv.xz", for_4_gigabytes),
        GRAMMAR.format("p.tsv.xz"),
        ("too little memory",),
    ),
    Case("pairs that are a device", device("p.tsv"), GRAMMAR.format("p.tsv"), ("p.tsv", "no such file")),
    Case("pairs that are a pipe", fifo("p.tsv"), GRAMMAR.format("p.tsv"), ("p.tsv", "no such file")),
    Case("a set of a pipe", fifo("set/p.tsv"), GRAMMAR.format("set"), ("set", "holds no file")),
    Case("a set that holds itself", linked("set/loop", "."), GRAMMAR.format("set"), ("set", "holds no file")),
    Case("a set that is the disk", linked("set", "/"), GRAMMAR.format("set"), ("set",)),
    Case("a set of 25,000 files", many_files, GRAMMAR.format("set"), ("set", "more than")),
    Case(
        "pairs of two files with a column of files",
        lambda folder: [writes(f"set/{n}.tsv", "good\tbad\tfile\nthe king\tking the\tx\n")(folder) for n in "ab"],
        GRAMMAR.format("set"),
    ),
    Case(
        "a file's name that is not UTF-8",
        lambda folder: writes(os.fsdecode(b"set/\xff.tsv"), COLUMNS + PAIR)(folder),
        GRAMMAR.format("set"),
        ("not UTF-8",),
    ),
    Case("a folder of sets that is the disk", linked("pairs", "/"), STAGE, ("pairs/",)),
    Case("a set of the run that is the disk", linked("pairs/x", "/"), STAGE, ("pairs/x",)),
    *(
        Case(name, writes("w.tsv", content), SCORE.format("w.tsv"), ("w.tsv", *says) if says else ())
        for name, content, *says in (
            ("a table of words", "word\nthe\nking\n"),
            ("a table of 100 MB of short rows", table("a\n", 50_000_000, "word\n"), "more than"),
            ("a table of empty rows", table("\n", 100_000_000, "word\n"), "more than"),
            ("a table whose column never ends", lambda: "a" * 100_000_000, "no column word"),
            ("a table whose word never ends", lambda: "word\n" + "a" * 100_000_000, "line 2"),
            ("a table of escapes", f"word\t{ESCAPE}\nking{ESCAPE}\t{ESCAPE}\n"),
            ("a table of NULs", "word\tblank\nking\0\t1\n\0\t0\n"),
            ("a table whose blank is a formula", "word\tblank\nking\t=1+1\n", "blank is '=1+1'"),
        )
    ),
]
