"""Fuzzing: files with texts that Hypothesis makes go through the readers.

A reader may raise the project's own error in one line, and nothing else; what it returns holds no control code that the
text does not hold. A text takes at most a second of CPU.
"""

import bz2
import gzip
import tempfile
import time
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from pipeline.dumps import dump
from pipeline.dumps.prose.columns import json_articles
from pipeline.dumps.prose.plain import text_articles
from pipeline.experiments.verse.poems import parse_verse, read_verse
from pipeline.run.errors import UserError
from pipeline.settings.params import parse_yaml, validated
from pipeline.vectors.evaluation.bats import read_relation
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
COLUMNS = {"id": "id", "title": "title", "text": "text"}


def joined(parts: Iterable[str], *more: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    """Return a strategy of texts that consist of these parts and of short random ones."""
    return st.lists(st.one_of(st.sampled_from([*parts]), st.text(max_size=5), *more), max_size=most).map("".join)


# Also what no XML holds, but JSON and Parquet do.
ODD = st.sampled_from([*"\0\x07\x85\x9b\u202e\ufeff\r\t\ud7ff\U0010ffff", "\x1b[31m"])
PROSE = joined(HOSTILE, ODD, most=40)
XML = joined(
    [
        *("<page>", "</page>", "<title>", "</title>", "<ns>0</ns>", "<ns>x</ns>", "<id>1</id>", "<id>", "</id>"),
        *("<revision>", "</revision>", "<text>", "</text>", "<model>wikitext</model>", "<redirect/>", "<siteinfo>"),
        *("</siteinfo>", "</mediawiki>", "<mediawiki>", "<!--", "-->", "<![CDATA[", "]]>", " ", "word", "&b;", "&amp;"),
        *("<!DOCTYPE a [<!ENTITY b 'c'>]>", "&#0;", "<?xml version='1.0' encoding='utf-16'?>", a_page(1, "Some text.")),
    ],
    most=15,
)
LINES = joined([*"#|/,{} \t\n", "a b c d", ": ", "1.5", "nan", "king", "2 3\n", "1e999", '"', "\r\n"], ODD, most=40)
JSON = joined(
    ['{"title": "a", "text": "', '"}', '{"text": null}', '{"id": 1e400, "text": "b"}', "[" * 2000, '"\\ud800"', "\n"],
    most=20,
)
TAGGED = "!!python/object/apply:os.system [ls]"
YAML = joined(["models:\n", "  gru: {}\n", "wiki: ", "{source: a}", "&a [*a]", "*a", TAGGED, *"\n?-", "<<: "], most=15)


def read_xml(path: Path) -> Iterator[str]:
    """Read a text as a dump, as it is or between the head and the end of one, in one of three packings."""
    text = text_of(path)
    pack: Callable[[bytes], bytes] = (bytes, bz2.compress, gzip.compress)[len(text) // 3 % 3]
    path.write_bytes(pack((text if len(text) % 3 else wrap([text])).encode(errors="surrogatepass")))
    return (page.title + page.text for piece in dump.split(path) for page in dump.pages(piece))


def read_prose(path: Path) -> list[str]:
    """Split a text into sentences and words, which make up the text; return the words."""
    found: list[str] = []
    text = text_of(path)
    for line in text.split("\n"):
        language = LANGUAGES[len(text) % len(LANGUAGES)]
        sentences = split_sentences(line, language)
        assert "".join(sentences) == line
        found += split_words(sentences, language)[0].to_pylist()
    return found


def strip(path: Path) -> list[str]:
    """Strip the markup of a page in one of the languages."""
    text = text_of(path)
    language = LANGUAGES[len(text) % len(LANGUAGES)]
    return strip_page(text, Site(f"{language}wiki", language), lists=len(text) % 2 == 0).text.split("\n")


def read_settings(path: Path) -> list[str]:
    """Read a params.yaml."""
    validated(parse_yaml(text_of(path), path), path)
    return []


def text_of(path: Path) -> str:
    """Return a file's text, also such as no UTF-8 holds."""
    return path.read_bytes().decode(errors="surrogatepass")


# Texts, the suffix of their file, and what reads it.
READERS: dict[str, tuple[st.SearchStrategy[str], str, Callable[[Path], Iterable[object]]]] = {
    "markup": (any_text | PROSE, ".txt", strip),
    "xml": (XML, ".xml", read_xml),
    "prose": (PROSE, ".txt", read_prose),
    "questions": (LINES, ".txt", lambda path: read_questions(path).questions),
    "text": (PROSE, ".txt", text_articles),
    "jsonl": (JSON, ".jsonl", lambda path: json_articles(path, COLUMNS)),
    "bats": (LINES, ".txt", lambda path: read_relation(path)[0]),
    "pairs": (LINES.map("word1,word2,similarity\n".__add__), ".csv", lambda path: read_pairs(path).pairs),
    "verse": (PROSE, ".txt", lambda path: parse_verse(read_verse(path))),
    "vectors": (LINES, ".txt", lambda path: load_vectors(path)[0]),
    "settings": (YAML, ".yaml", read_settings),
}


def fuzz(minutes: float, first: int) -> Iterator[tuple[str, list[str]]]:
    """Give texts to each reader for so long; yield how many it took, and what was wrong."""
    for name in READERS:
        end, wrong = time.monotonic() + minutes * 60, ""
        for number in count(first):
            wrong = try_texts(name, TEXTS, number)
            if wrong or time.monotonic() > end:
                break
        yield f"{name}, {TEXTS * (number + 1 - first):,} texts", [wrong] if wrong else []


def try_texts(name: str, number: int, first: int, bound: float = SECONDS) -> str:
    """Give so many texts, drawn with the seed `first`, to a reader; return what was wrong, if anything was."""
    texts, suffix, read = READERS[name]
    options = settings(
        max_examples=number,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.target, Phase.shrink],
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"own{suffix}"

        def try_text(text: str) -> None:
            path.write_bytes(text.encode(errors="surrogatepass"))
            start = time.process_time()
            try:
                found = "".join(map(str, read(path)))
            except UserError as error:
                found = str(error)
                assert "\n" not in found, found
            assert time.process_time() - start < bound
            assert not (codes := control_codes(found) - control_codes(text)), codes

        try:
            seed(first)(options(given(texts)(try_text)))()
        except Exception:  # whatever a reader raises is a finding
            return traceback.format_exc()
    return ""


def control_codes(text: str) -> set[str]:
    """Return the control codes in a text."""
    return {sign for sign in text if unicodedata.category(sign) == "Cc"} - set("\n\t")
