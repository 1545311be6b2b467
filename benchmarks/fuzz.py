"""Fuzzing: texts that Hypothesis makes go through the readers for so many minutes, and what fails is printed.

`python -m benchmarks.fuzz [--minutes N] [--seed N] [READER ...]` prints how many texts each reader took and the longest
time of one. A reader may raise the project's own error in one line, and nothing else; it takes at most a second of CPU;
what it returns holds no control code that the text does not hold. The exit code is 1 where one fails.
"""

import argparse
import bz2
import gzip
import sys
import tempfile
import time
import traceback
import unicodedata
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from pipeline.dumps import dump
from pipeline.dumps.prose.columns import json_articles
from pipeline.dumps.prose.plain import text_articles
from pipeline.experiments.verse.poems import parse_verse, read_text
from pipeline.run.errors import UserError
from pipeline.settings import parse_yaml, validated
from pipeline.vectors.evaluation.bats import read_relation
from pipeline.vectors.evaluation.categories import read_categories
from pipeline.vectors.evaluation.similarity import read_pairs
from pipeline.vectors.questions import read_questions
from pipeline.vectors.word2vec_format import load_vectors
from pipeline.wikitext import Site, strip_page
from pipeline.words.sentences import split_sentences
from pipeline.words.words import split_words
from tests.small_dumps import a_page, wrap
from tests.wikitext.test_any_text import any_text
from tests.words.test_sentences import HOSTILE

SECONDS = 1.0  # of CPU that a text may take
TEXTS = 500  # between two looks at the clock
LANGUAGES = ("en", "de", "fr", "ja", "zh", "hi", "bo", "el", "th", "ar", "sr", "xx")

# Also what no XML holds, but JSON and Parquet do.
odd = st.sampled_from([*"\0\x07\x85\x9b\u202e\ufeff\r\t\ud7ff\U0010ffff", "\x1b[31m"])
prose = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=8) | odd, max_size=40).map("".join)
XML = [
    *("<page>", "</page>", "<title>", "</title>", "<ns>0</ns>", "<ns>x</ns>", "<id>1</id>", "<id>", "</id>", "<id/>"),
    *("<revision>", "</revision>", "<text>", "</text>", "<model>wikitext</model>", "<timestamp>2020</timestamp>"),
    *("<siteinfo>", "</siteinfo>", "<redirect/>", "</mediawiki>", "<mediawiki>", "<!--", "-->", "<![CDATA[", "]]>"),
    *("<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "&amp;", "&#0;", "<?xml version='1.0' encoding='utf-16'?>", " ", "word"),
    a_page(1, "Some text."),
    a_page(1, "Other text."),
]
xml = st.lists(st.sampled_from(XML) | st.text(max_size=5), max_size=15).map("".join)
LINE = [*"#|/,{} \t\n", "a b c d", ": ", "1.5", "nan", "king", "2 3\n", "1e999", '"', "\r\n"]
HEAD = "word1,word2,similarity,category,word\n"
lines = st.lists(st.sampled_from(LINE) | st.text(max_size=5) | odd, max_size=40).map("".join)
JSON = ['{"title": "a", "text": "', '"}', '{"text": null}', '{"id": 1e400, "text": "b"}', "[" * 2000, '"\\ud800"', "\n"]
json = st.lists(st.sampled_from(JSON) | st.text(max_size=5), max_size=20).map("".join)
YAML = ["models:\n", "  gru: {}\n", "wiki: ", "{source: a}", "&a [*a]", "*a", "!!python/object/apply:os.system [ls]"]
yaml = st.lists(st.sampled_from([*YAML, *"\n?-", "2026-13-01", "<<: "]) | st.text(max_size=5), max_size=15).map("".join)


class File:
    """A file that each text is written to."""

    def __init__(self, name: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / name

    def of(self, text: str) -> Path:
        """Return the path of a file with this text."""
        self.path.write_bytes(text.encode(errors="surrogatepass"))
        return self.path


def read_xml(file: File, text: str) -> list[str]:
    """Read a text as a dump, as it is and between the head and the end of one, in one of three packings."""
    data = (text if len(text) % 3 else wrap([text])).encode(errors="surrogatepass")
    pack: Callable[[bytes], bytes] = (bytes, bz2.compress, gzip.compress)[len(text) // 3 % 3]
    file.path.write_bytes(pack(data))
    return [page.title + page.text for piece in dump.split(file.path) for page in dump.pages(piece)]


def read_prose(file: File, text: str) -> list[str]:
    """Split a text into sentences and words, which make up the text; return the words."""
    found: list[str] = []
    for line in text.split("\n"):
        language = LANGUAGES[len(text) % len(LANGUAGES)]
        sentences = split_sentences(line, language)
        assert "".join(sentences) == line
        found += split_words(sentences, language)[0].to_pylist()
    return found


def read_own(file: File, text: str, read: Callable[[Path], Iterable[object]], head: str = "") -> list[str]:
    """Read a file of questions, of verse or of vectors, behind its first line."""
    return [str(part) for part in read(file.of(head + text))]


def strip(file: File, text: str) -> list[str]:
    """Strip the markup of a page in one of the languages."""
    language = LANGUAGES[len(text) % len(LANGUAGES)]
    return strip_page(text, Site(f"{language}wiki", language), lists=len(text) % 2 == 0).text.split("\n")


def read_settings(file: File, text: str) -> list[str]:
    """Read a params.yaml."""
    validated(parse_yaml(text, file.path), file.path)
    return []


Reader = tuple[st.SearchStrategy[str], str, Callable[[File, str], Iterable[str]]]
READERS: dict[str, Reader] = {
    "markup": (any_text | prose, "page", strip),
    "xml": (xml, "dump.xml", read_xml),
    "prose": (prose, "", read_prose),
    "questions": (lines, "own.txt", partial(read_own, read=lambda path: read_questions(path).questions)),
    "text": (prose, "own.txt", partial(read_own, read=lambda path: list(text_articles(path)))),
    "jsonl": (
        json,
        "own.jsonl",
        partial(read_own, read=lambda path: list(json_articles(path, {"id": "id", "title": "title", "text": "text"}))),
    ),
    "bats": (lines, "own.txt", partial(read_own, read=lambda path: read_relation(path)[0])),
    "pairs": (lines, "own.csv", partial(read_own, read=lambda path: read_pairs(path).pairs, head=HEAD)),
    "categories": (lines, "own.csv", partial(read_own, read=lambda path: read_categories(path).members, head=HEAD)),
    "verse": (prose, "own.txt", partial(read_own, read=lambda path: parse_verse(read_text(path)))),
    "vectors": (lines, "own.txt", partial(read_own, read=lambda path: load_vectors(path)[0])),
    "settings": (yaml, "params.yaml", read_settings),
}


def control_codes(text: str) -> set[str]:
    """Return the control codes in a text."""
    return {sign for sign in text if unicodedata.category(sign) == "Cc"} - set("\n\t")


def fuzz(name: str, minutes: float, first: int) -> bool:
    """Give texts to a reader for so long; print how many, and return whether all went well."""
    texts, file_name, read = READERS[name]
    file, tried, told, longest = File(file_name or "text"), 0, 0, 0.0

    def one(text: str) -> None:
        nonlocal tried, told, longest
        refused = False
        start = time.process_time()
        try:
            found = list(read(file, text))
        except UserError as error:
            refused = True
            found = [str(error)]
        taken = time.process_time() - start
        tried, told, longest = tried + 1, told + refused, max(longest, taken)
        assert taken < SECONDS, taken
        assert "\n" not in (found[0] if refused else ""), found
        assert not (codes := control_codes("".join(found)) - control_codes(text)), codes

    end, problem = time.monotonic() + minutes * 60, ""
    options = settings(
        max_examples=TEXTS,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=tuple(Phase)[2:5],
    )
    for number in count(first):
        try:
            seed(number)(options(given(texts)(one)))()
        except Exception:  # whatever a reader raises is a finding
            problem = traceback.format_exc()
        if time.monotonic() > end or problem:
            break
    print(f"{name:<11} {tried:>9,} texts, {told:>9,} refused; longest {longest:.2f} s", flush=True)
    if problem:
        print(problem)
    return not problem


def main() -> None:
    """Fuzz the readers one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"of {', '.join(READERS)}; default: all")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each reader (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sound = [fuzz(name, arguments.minutes, arguments.seed) for name in arguments.readers or READERS]
    sys.exit(not all(sound))


if __name__ == "__main__":
    main()
