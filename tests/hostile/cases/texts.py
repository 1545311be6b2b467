"""Text that is too deep, too long or endless: settings, records, tables, questions, vectors, and a mirror's lists."""

import gzip
import json
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from tests.conftest import change_params
from tests.hostile.case import Case, Content, Make, made, writes
from tests.mirror import Mirror

DEEP, LONG = 10**5, 10**8
NESTED = f"{'[' * 1000}{']' * 1000}"
UTF16 = "a b c d\n".encode("utf-16")
LAUGHS = "a0: &a0 [lol]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
MERGES = "m0: &m0 {k: 1}\n" + "".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}\n" for n in range(1, 9))
SECTIONS = "".join(f"{' ' * n}a:\n" for n in range(300))
SETTINGS, LOCK, RWLOCK = "params.yaml", "dvc.lock", ".dvc/tmp/rwlock"
ARTICLES, MODEL, MANIFEST = "data/articles.json", "data/models/gru/model.json", "data/raw/manifest.json"
METRICS, VECTORS, WORDS = (
    "data/metrics/train/gru.json",
    *(f"data/embeddings/svd/{n}" for n in ("vectors.json", "vocabulary.txt")),
)
VOCABULARY, QUESTIONS, RATINGS, RELATION = (
    "data/vocabulary.tsv",
    "questions/mine.txt",
    "sets/similarity/a.txt",
    "sets/bats/a.txt",
)
QUESTION = "man king woman queen\n"
ROW = b"king " + struct.pack("<2f", 1, 2)
CONTENT = "/other/mediawiki_content_current/tinywiki/"
SERVED = {
    "dates": CONTENT,
    "listing": f"{CONTENT}2026-07-01/xml/bzip2/",
    "checksums": f"{CONTENT}2026-07-01/xml/bzip2/SHA256SUMS",
    "status": "/tinywiki/20260701/dumpstatus.json",
}
DATES = "".join(f"<a href='{year}-01-{day:02}/'>a</a>\n" for year in range(1900, 2030) for day in range(1, 24))


def of(command: str, file: str, *cases: tuple[str, Make, *tuple[str, ...]]) -> list[Case]:
    """Return the cases of a command, which all name a file."""
    return [Case(name, make, command, (file, *says)) for name, make, *says in cases]


def appends(name: str, content: Content) -> Make:
    """Return what adds text to a file of the run."""

    def make(folder: Path) -> None:
        with (folder / name).open("ab") as file:
            file.write(made(content))

    return make


def endless(name: str) -> Make:
    """Return what puts a file in the place of another that has 10 GB, though it takes no room."""

    def make(folder: Path) -> None:
        writes(name, b"")(folder)
        os.truncate(folder / name, 10_000_000_000)

    return make


def device(name: str) -> Make:
    """Return what makes a file of the user's a link to what never ends."""
    return lambda folder: (folder / name).symlink_to("/dev/zero")


def sets(name: str, key: str, value: object) -> Make:
    """Return what sets a key of a file of JSON."""

    def make(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(content | {key: value}))

    return make


def reads(name: str, content: Content) -> Make:
    """Return what writes the user's own text, which params.yaml names."""

    def make(folder: Path) -> None:
        writes(name, content)(folder)
        change_params(folder / SETTINGS, {"wiki.source": name})

    return make


def serves(**files: Callable[[], bytes]) -> Make:
    """Return what starts a mirror, which serves some of `SERVED` otherwise, and names it."""

    def make(folder: Path) -> None:
        mirror = Mirror()
        mirror.add_content("tinywiki", "2026-07-01", {"p1p9": b"BZh9"})
        mirror.add_legacy("tinywiki", "20260701", {"": b"BZh9"})
        mirror.files |= {SERVED[name]: content() for name, content in files.items()}
        threading.Thread(target=mirror.serve_forever, daemon=True).start()
        change_params(folder / SETTINGS, {"wiki.mirror": mirror.url})

    return make


def zipped(words: int, content: bytes, megabytes: int) -> bytes:
    """Return compressed vectors of two values: so many words, and content that repeats."""
    return gzip.compress(f"{words} 2\n".encode()) + gzip.compress(content * (1_000_000 // len(content))) * megabytes


def alternatives() -> str:
    return f"{QUESTION}man king woman {'a|' * 1_000_000}b\n"


DEEPER = "nested more than 64 deep"
CASES = [
    *of(
        "wikilm params",
        SETTINGS,
        ("settings nested in brackets", appends(SETTINGS, f"deep: {NESTED}\n"), DEEPER),
        ("settings nested in brackets that do not close", appends(SETTINGS, f"deep: {'[' * 40_000}"), DEEPER),
        ("settings nested 100,000 deep", appends(SETTINGS, f"deep: {'[' * DEEP}"), "longer"),
        ("settings nested in lists", appends(SETTINGS, f"deep:\n  {'- ' * 1000}a\n"), DEEPER),
        ("settings nested in sections", appends(SETTINGS, SECTIONS), DEEPER),
        ("a billion laughs", appends(SETTINGS, LAUGHS), "values"),
        ("a billion laughs in a setting", writes(SETTINGS, f"{LAUGHS}models: *a9\n"), "values"),
        ("a billion merges", appends(SETTINGS, MERGES), "values"),
        ("a list that holds itself", appends(SETTINGS, "loop: &loop [*loop]\n"), "values"),
        ("a section that is merged into itself", appends(SETTINGS, "loop: &loop {<<: *loop}\n"), "values"),
        ("settings of 10 MB", appends(SETTINGS, lambda: f"long: {'a' * 10_000_000}\n"), "longer"),
        ("settings of 10 MB of comments", appends(SETTINGS, lambda: "# a\n" * 2_500_000), "longer"),
        ("a setting of 20,000 values", appends(SETTINGS, f"long: [{'a,' * 20_000}]\n"), "unknown key"),
        ("settings without an end", endless(SETTINGS), "longer"),
        ("a number of 20,000 digits", writes(SETTINGS, f"runtime: {{workers: 0x{'f' * 20_000}}}\n"), "digits"),
        ("a key that is a list", appends(SETTINGS, "? [a, b]\n: c\n"), "unknown key"),
        ("a key that is a section", appends(SETTINGS, "{a: b}: c\n"), "unhashable"),
        ("a tag of Python", appends(SETTINGS, "x: !!python/object/apply:os.system ['touch PWNED']\n"), "constructor"),
        ("settings in UTF-16", writes(SETTINGS, UTF16), "UTF-8"),
        ("settings with a NUL", appends(SETTINGS, "a: \0\n"), "#x0000"),
        ("half of a character in a setting", appends(SETTINGS, 'x: "\\ud800"\n'), "unknown key"),
    ),
    *of("wikilm check mine.yaml", "mine.yaml", ("other settings without an end", device("mine.yaml"), "longer")),
    *of(
        "wikilm preset embeddings --dry-run",
        SETTINGS,
        ("a preset over nested settings", appends(SETTINGS, f"deep: {NESTED}\n"), DEEPER),
        ("a preset over a billion laughs", appends(SETTINGS, LAUGHS), "values"),
    ),
    *of(
        "wikilm check",
        LOCK,
        ("a nested dvc.lock", writes(LOCK, f"stages: {NESTED}\n"), DEEPER),
        ("a billion laughs in dvc.lock", writes(LOCK, f"schema: '2.0'\n{LAUGHS}stages: *a9\n"), "values"),
        ("a dvc.lock without an end", endless(LOCK), "longer"),
    ),
    *of(
        "wikilm check",
        RWLOCK,
        ("a nested lock of DVC", writes(RWLOCK, "[" * DEEP), DEEPER),
        ("a lock of DVC without an end", endless(RWLOCK), "longer"),
    ),
    *of(
        "wikilm next the king --model gru",
        ARTICLES,
        ("a nested record", writes(ARTICLES, '{"wiki":' * DEEP), DEEPER),
        ("a record of 100 MB", writes(ARTICLES, lambda: f'{{"wiki": "{"a" * LONG}"}}'), "longer"),
        ("a record of 7 MB of lists", writes(ARTICLES, lambda: f'{{"wiki": [{"[]," * 23 * 10**5}0]}}'), "000 lists"),
        ("a record without an end", endless(ARTICLES), "longer"),
        ("a record with a number of 5,000 digits", writes(ARTICLES, f'{{"wiki": {"9" * 5000}}}'), "4300 digits"),
        ("a record of quotes that never end", writes(ARTICLES, lambda: '{"wiki": "\\"' * 600_000), "delimiter"),
        ("a record of quotes and brackets", writes(ARTICLES, lambda: '["\\"' + '\\"[' * 600_000), "Unterminated"),
        ("a record that is a list", writes(ARTICLES, "[1]"), "the file is [1]"),
        ("a record that is a text", writes(ARTICLES, '"wiki"'), "the file is 'wiki'"),
        ("a record in UTF-16", writes(ARTICLES, UTF16), "is damaged"),
    ),
    *of(
        "wikilm next the king --model gru",
        MODEL,
        ("settings of a model nested 900 deep", sets(MODEL, "settings", json.loads(NESTED[100:-100])), DEEPER),
    ),
    *of(
        "wikilm models",
        METRICS,
        ("metrics that are a text", writes(METRICS, '"good"'), "'good'"),
        ("metrics that are a list", writes(METRICS, "[1, 2]"), "[1, 2]"),
        ("nested metrics", writes(METRICS, '{"a":' * DEEP), DEEPER),
    ),
    *of(
        "wikilm neighbours king --model svd",
        VECTORS,
        ("a nested account of vectors", writes(VECTORS, "[" * DEEP), DEEPER),
        ("an account of vectors with another key", sets(VECTORS, "more", 1), "more"),
        ("an account of vectors that is a list", writes(VECTORS, "[1]"), "is damaged"),
        ("an account of vectors whose choice is a list", sets(VECTORS, "chosen", []), "[] is none of"),
    ),
    *of(
        "wikilm neighbours king --model svd",
        WORDS,
        ("a list of words without an end", endless(WORDS), "longer"),
    ),
    *of(
        "pipeline.extract data/raw data/templates.db out --metrics out.json",
        MANIFEST,
        ("a nested manifest", writes(MANIFEST, "[" * DEEP), DEEPER),
        ("a manifest without an end", endless(MANIFEST), "longer"),
    ),
    *of(
        "wikilm check",
        "mine.jsonl",
        ("a nested line of articles", reads("mine.jsonl", b"[" * DEEP), "JSON object"),
        (
            "articles whose line never ends",
            reads("mine.jsonl", lambda: b'{"text": "' + b"a" * LONG),
            "line 1",
            "longer",
        ),
    ),
    *of(
        "wikilm check",
        QUESTIONS,
        ("a question of a million answers", writes(QUESTIONS, alternatives), "line 2", "longer"),
        ("a question whose word never ends", writes(QUESTIONS, lambda: f"man king woman {'a' * 5_000_000}"), "longer"),
        ("questions without an end", endless(QUESTIONS), "longer"),
        ("questions of 100 MB", writes(QUESTIONS, lambda: "a b c d\n" * 12_500_000), "longer"),
        (
            "two million lines that are no questions",
            writes(QUESTIONS, lambda: QUESTION + "a b\n" * 1_900_000),
            "malformed",
        ),
        ("questions in UTF-16", writes(QUESTIONS, UTF16), "UTF-8"),
    ),
    *of(
        "pipeline.analogies svd data/embeddings/svd questions out.json --metrics m.json",
        QUESTIONS,
        ("a question of a million answers for a stage", writes(QUESTIONS, alternatives), "line 2", "longer"),
    ),
    *of(
        "wikilm evaluate svd.npz --sets sets",
        RATINGS,
        ("ratings whose word never ends", writes(RATINGS, lambda: f"{'a' * 5_000_000} b 1\n"), "longer"),
        ("ratings without an end", endless(RATINGS), "longer"),
        ("ratings in UTF-16", writes(RATINGS, UTF16), "UTF-8"),
    ),
    *of(
        "wikilm evaluate svd.npz --sets sets",
        RELATION,
        ("a relation with a million answers", writes(RELATION, lambda: f"a\t{'b/' * 1_000_000}c\n"), "longer"),
        ("a relation of 3,000 pairs", writes(RELATION, "".join(f"w{n}\tv{n}\n" for n in range(3000))), "3,000 pairs"),
    ),
    *of(
        "wikilm evaluate w.txt",
        "w.txt",
        ("a word of vectors that never ends", writes("w.txt", lambda: b"1 2\n" + b"a" * LONG), "line 2", "longer"),
        ("a first line that never ends", writes("w.txt", lambda: b"1" * LONG), "line 1", "longer"),
        ("vectors without an end", endless("w.txt"), "line 1", "longer"),
        ("a number of vectors of 5,000 digits", writes("w.txt", f"{'9' * 5000} 2\nking 1 2\n"), "4300 digits"),
        ("more vectors than are said", writes("w.txt", lambda: "1 2\n" + "king 1 2\n" * 3_000_000), "line 1 says 1"),
        (
            "vectors of a million values",
            writes("w.txt", lambda: "1 1000000\nking" + " 1" * 1_000_000),
            "more than such",
        ),
        ("vectors that are not numbers", writes("w.txt", "2 2\nking nan inf\nman 1 2\n"), "finite"),
    ),
    *of(
        "wikilm evaluate w.txt.gz",
        "w.txt.gz",
        ("compressed vectors without an end", writes("w.txt.gz", zipped(1, b"a", 500)), "longer"),
        ("compressed vectors that repeat", writes("w.txt.gz", zipped(1, b"king 1 2\n", 180)), "line 1 says 1"),
        ("compressed empty lines", writes("w.txt.gz", zipped(1, b"\n", 500)), "found 0 vectors"),
    ),
    *of(
        "wikilm evaluate w.bin",
        "w.bin",
        ("a word of binary vectors that never ends", writes("w.bin", lambda: b"1 2\n" + b"a" * LONG), "does not end"),
        ("a thousand million binary vectors", writes("w.bin", b"1000000000 100\n" + ROW), "more than such"),
        ("30 million binary vectors", writes("w.bin", b"30000000 2\n" + ROW), "more than such"),
        ("a thousand million values", writes("w.bin", b"1 1000000000\n" + ROW), "more than such"),
        ("binary vectors without an end", endless("w.bin"), "line 1", "longer"),
        ("a word that is not UTF-8", writes("w.bin", b"1 2\n\xff" + ROW), "utf-8"),
    ),
    *of(
        "wikilm evaluate w.bin.gz",
        "w.bin.gz",
        ("compressed binary vectors that never end", writes("w.bin.gz", zipped(1, b"a", 500)), "not end"),
        ("compressed vectors that are not there", writes("w.bin.gz", zipped(10**10, ROW, 1)), "more than such"),
    ),
    *of(
        f"pipeline.embeddings gru data/models/gru {VOCABULARY} out --metrics out.json",
        VOCABULARY,
        ("a table whose word never ends", writes(VOCABULARY, lambda: b"id\tword\tcount\n0\t" + b"a" * LONG), "longer"),
        ("a table of 50 million columns", appends(VOCABULARY, lambda: "\t" * 50_000_000), "longer"),
        ("a table of rows of 1,000 columns", writes(VOCABULARY, lambda: ("\t" * 999 + "\n") * 50_000), "is damaged"),
        ("a table without an end", endless(VOCABULARY), "longer"),
        ("a table with a number of 5,000 digits", appends(VOCABULARY, f"{'9' * 5000}\ta\t1\n"), "is damaged"),
    ),
    *of(
        "wikilm score t.txt --model gru",
        "t.txt",
        ("a text without an end", endless("t.txt"), "longer"),
        ("a text that is a device", device("t.txt"), "longer"),
    ),
    *of(
        "wikilm score w.tsv --words --model gru",
        "w.tsv",
        ("a table of words without an end", endless("w.tsv"), "longer"),
        ("a table of a million columns", writes("w.tsv", lambda: "\t" * 1_000_000), "no column word"),
        ("a table of a million columns of one name", writes("w.tsv", lambda: "word" + "\tword" * 1_000_000), "columns"),
        ("a table of a row of a million columns", writes("w.tsv", lambda: "word\n" + "\t" * 1_000_000), "line 2"),
        ("a table in UTF-16", writes("w.tsv", UTF16), "UTF-8"),
    ),
    *of(
        "wikilm dumps tinywiki",
        CONTENT,
        ("a listing of half a link", serves(dates=lambda: b"<a " * 300_000), "no complete dump"),
        ("a listing of half an address", serves(dates=lambda: b"<a " + b"href=" * 180_000), "no complete dump"),
        ("a listing of links in links", serves(dates=lambda: b"<a x=<a " * 120_000), "no complete dump"),
        ("a listing of 3,000 dates", serves(dates=lambda: DATES.encode()), "no complete dump"),
        ("a listing of 50 MB", serves(dates=lambda: b"<a href='a/'>a</a>\n" * 2_700_000), "longer"),
        ("checksums of 50 MB", serves(checksums=lambda: b"%064d  a\n" % 0 * 750_000), "SHA256SUMS", "longer"),
        ("a line of checksums that never ends", serves(checksums=lambda: b"0" * 4_000_000), "SHA256SUMS", "SHA-256"),
    ),
    *of(
        "wikilm dumps tinywiki --layout legacy",
        "dumpstatus.json",
        ("a nested status of a dump", serves(status=lambda: b'{"jobs":' * DEEP)),
        ("a status of 50 MB", serves(status=lambda: b'{"jobs": "' + b"a" * 50_000_000), "longer"),
    ),
    Case("a listing of brackets", serves(listing=lambda: b"<a href=b>" + b"<" * 900_000), "wikilm dumps tinywiki"),
]
