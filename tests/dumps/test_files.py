"""Which files `wiki.source` names, and which are refused."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.download import describe_own
from pipeline.dumps.files import check_files, own_files
from pipeline.dumps.prose.columns import ColumnNames
from pipeline.run.errors import UserError
from pipeline.settings.checked import check_stages, checked_params
from pipeline.settings.params import load_params
from pipeline.settings.text_sections import Wiki
from tests.conftest import SetParams

pytestmark = pytest.mark.usefixtures("in_tmp")
COLUMNS = {"id": "id", "title": "title", "text": "text"}
SPLITS = ("train", "valid", "test")


def refused(source: str, columns: ColumnNames = COLUMNS) -> str:
    with pytest.raises(UserError) as error:
        check_files(own_files(source), columns)
    assert "\n" not in str(error.value)
    return str(error.value)


def touch(folder: str, *names: str) -> None:
    Path(folder).mkdir()
    for name in names:
        Path(folder, name).write_text("a b c\n")


def test_the_kind_is_told_by_the_ending() -> None:
    kinds = {"text": "a.txt b.TXT", "jsonl": "a.jsonl", "parquet": "a.parquet", "dump": "a.xml b.xml-p1p2.bz2 c.gz"}
    for kind, names in kinds.items():
        touch(kind, *names.split())
        found = own_files(f"{kind}/**/**/*")  # which finds each file several times
        assert (found.kind, [path.name for path in found.paths]) == (kind, names.split())


def test_a_name_that_is_not_utf8_is_refused() -> None:
    touch("corpus", *(f"caf\udce9.{split}.txt" for split in SPLITS))
    for source in ("corpus", "corpus/*train*"):
        assert refused(source) == "corpus/caf\udce9.train.txt: its name is not UTF-8; rename it"


@pytest.mark.parametrize(
    "names",
    [
        ["ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"],
        ["My-Train.TOKENS", "My-dev.tokens", "My-test.tokens"],
        ["train.txt", "validation.txt", "test.txt", "README", "test.py", "latest.txt"],
        ["train.txt", "valid.txt", "test.txt", "char.dev.txt", "char.train.txt", "char.valid.txt", "char.test.txt"],
    ],
)
def test_files_of_a_corpus_are_found_by_their_names(names: list[str]) -> None:
    touch("corpus", *names)
    kind, described = describe_own(Wiki(source="corpus"))
    assert kind == "lines"
    assert [(file.path, file.split) for file in described] == [
        (f"corpus/{name}", split) for name, split in zip(names, SPLITS, strict=False)
    ]


@pytest.mark.parametrize(
    ("names", "source", "told"),
    [
        (["a.jsonl", "b.txt"], "corpus/*", "has files of several kinds, a.jsonl and b.txt; give files of one kind"),
        (["train.txt", "b.valid.txt", "c.test.txt"], "corpus", "is a folder without one text file each for train,"),
        (["dev.txt", "valid.txt", "train.txt", "test.txt"], "corpus", "is a folder without one text file each for tr"),
    ],
)
def test_files_that_do_not_go_together_are_refused(names: list[str], source: str, told: str) -> None:
    touch("corpus", *names)
    assert refused(source).startswith(f"params.yaml: wiki.source is '{source}': {told}")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "is empty; remove it or give another file"),
        ("a.txt", b"<mediawiki>", "holds a NUL, or is not .txt in UTF-8; convert it, or correct its ending"),
        (
            "a.jsonl",
            "Да\n".encode("utf-16-le"),
            "holds a NUL, or is not .jsonl in UTF-8; convert it, or correct its ending",
        ),
        ("a.jsonl", b"not JSON\n[1]\n", "holds no line that is a JSON object; give a file with one object on each"),
        ("a.parquet", b"not Parquet", "is damaged (ArrowInvalid: Parquet magic bytes not found in footer. "),
    ],
)
def test_a_file_that_is_something_else_is_refused(name: str, data: bytes, message: str) -> None:
    Path(name).write_bytes(data)
    assert refused(name).startswith(f"{name}: {message}")


def test_columns_that_are_missing_or_occur_twice_are_named(set_params: SetParams) -> None:
    Path("a.jsonl").write_text("\n".join(["no JSON", json.dumps({"id": 1, "body": "Some prose."})]))
    names = ["id", "body", "other", "other"]
    pq.write_table(pa.Table.from_arrays([pa.array(["Some prose."])] * len(names), names), "a.parquet")
    for name in ("a.jsonl", "a.parquet"):
        assert refused(name).startswith(f"{name}: must have one column 'text'; it has id, body")
        check_files(own_files(name), {"id": "id", "title": None, "text": "body"})
    told = "a.parquet: must have one column 'other'; it has id, body, other, other; name"
    assert refused("a.parquet", {"id": None, "title": None, "text": "other"}).startswith(told)
    set_params({"wiki.source": "a.jsonl", "wiki.columns": {"title": "name", "text": "body"}})
    for check in (lambda: checked_params("download"), lambda: check_stages(load_params())):
        with pytest.raises(UserError, match=r"a\.jsonl: must have one column 'name'; it has id, body; name"):
            check()
    lines = [{"id": 1}, {"id": 2, "title": "Two", "text": "Some prose."}]  # the first of which is left out and counted
    Path("a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    check_files(own_files("a.jsonl"), {"id": "id", "title": "title", "text": "text"})


def test_a_file_that_is_no_dump_is_refused_before_the_download() -> None:
    Path("notes.md").write_text("# Notes\n")
    assert refused("notes.md").startswith("notes.md: is not a whole MediaWiki XML dump, plain, .bz2 or .gz: ")
