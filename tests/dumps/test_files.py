"""Which files `wiki.source` names, and which are refused."""

import bz2
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.checks import check_stages, checked_params
from pipeline.download import describe_own
from pipeline.dumps.files import check_prose, own_files
from pipeline.dumps.prose.columns import Columns
from pipeline.run.errors import UserError
from pipeline.settings import load_params
from pipeline.settings.text_sections import Wiki
from tests.conftest import SetParams
from tests.small_dumps import a_dump

pytestmark = pytest.mark.usefixtures("in_tmp")
COLUMNS = {"id": "id", "title": "title", "text": "text"}


def refused(source: str, columns: Columns = COLUMNS) -> str:
    with pytest.raises(UserError) as error:
        check_prose(own_files(source), columns)
    message = str(error.value)
    assert "\n" not in message
    return message


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("a b c\n")


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["a.txt", "b.TXT"], "text"),
        (["a.jsonl"], "jsonl"),
        (["a.parquet"], "parquet"),
        (["a.xml", "b.xml-p1p2.bz2", "c.gz"], "dump"),
    ],
)
def test_the_kind_is_told_by_the_ending(names: list[str], kind: str) -> None:
    touch(*(f"own/{name}" for name in names))
    found = own_files("own/**/**/*")  # which finds each file several times
    assert found.kind == kind
    assert [path.name for path in found.paths] == names


def test_a_name_that_is_not_utf8_is_refused() -> None:
    touch("own/a.txt", "own/caf\udce9.txt")
    assert refused("own/*") == "own/caf\udce9.txt: its name is not UTF-8; rename it"
    touch(*(f"corpus/caf\udce9.{split}.txt" for split in ("train", "valid", "test")))
    assert refused("corpus") == "corpus/caf\udce9.train.txt: its name is not UTF-8; rename it"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"], None),
        (["wiki.train.tokens", "wiki.valid.tokens", "wiki.test.tokens"], None),
        (["My-Train.TXT", "My-dev.txt", "My-test.txt"], None),
        (["train.txt", "validation.txt", "test.txt", "README", "test.py", "latest.txt"], 3),
        (["train.txt", "valid.txt", "test.txt", "char.train.txt", "char.valid.txt", "char.test.txt"], 3),
        (["train.txt", "valid.txt", "test.txt", "char.dev.txt", "char.train.txt", "char.valid.txt"], 3),
    ],
)
def test_files_of_a_corpus_are_found_by_their_names(names: list[str], found: int | None) -> None:
    touch(*(f"corpus/{name}" for name in names))
    own = own_files("corpus")
    assert own.kind == "lines"
    assert [path.name for path in own.paths] == names[:found]
    _, described = describe_own(Wiki(source="corpus"))
    assert [file["split"] for file in described] == ["train", "valid", "test"]


@pytest.mark.parametrize(
    ("names", "source", "told"),
    [
        (["a.jsonl", "b.txt"], "corpus/*", "has files of several kinds, a.jsonl and b.txt; give files of one kind"),
        (["train.txt", "b.valid.txt", "c.test.txt"], "corpus", "is a folder without text files for train, valid and"),
        (["dev.txt", "valid.txt", "train.txt", "test.txt"], "corpus", "has several files for valid, dev.txt, valid.tx"),
    ],
)
def test_files_that_do_not_go_together_are_refused(names: list[str], source: str, told: str) -> None:
    touch(*(f"corpus/{name}" for name in names))
    assert refused(source).startswith(f"params.yaml: wiki.source is '{source}': {told}")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "a.txt: is empty; remove it or give another file"),
        ("a.txt", bz2.compress(a_dump().encode()), "a.txt: is not .txt in UTF-8; convert it, or correct its ending"),
        ("a.txt", a_dump().encode(), "a.txt: is not .txt in UTF-8; convert it, or correct its ending"),
        ("a.txt", "Да\n".encode("utf-16-le"), "a.txt: is not .txt in UTF-8; convert it, or correct its ending"),
        ("a.jsonl", b"PAR1\0\0", "a.jsonl: is not .jsonl in UTF-8; convert it, or correct its ending"),
        (
            "a.jsonl",
            b"not JSON\n[1]\n",
            "a.jsonl: holds no line that is a JSON object; give a file with one object on each line",
        ),
        ("a.parquet", b"not Parquet", "a.parquet: is not a Parquet file (Parquet magic bytes not found in footer. "),
        ("corpus/train.txt", b"", "corpus/train.txt: is empty; remove it or give another file"),
    ],
)
def test_a_file_that_is_something_else_is_refused(name: str, data: bytes, message: str) -> None:
    if name.startswith("corpus"):
        touch("corpus/valid.txt", "corpus/test.txt")
    Path(name).write_bytes(data)
    assert refused(name if "/" not in name else "corpus").startswith(message)


def test_missing_columns_are_named_with_those_that_there_are() -> None:
    Path("a.jsonl").write_text("\n".join(["no JSON", json.dumps({"id": 1, "body": "Some prose."})]))
    pq.write_table(pa.table({"id": [1], "body": ["Some prose."]}), "a.parquet")
    for name in ("a.jsonl", "a.parquet"):
        assert refused(name) == (
            f"{name}: must have one column 'title', 'text'; it has id, body; name the columns in wiki.columns, "
            "null for an id or a title that there is not"
        )
        check_prose(own_files(name), {"id": "id", "title": None, "text": "body"})


def test_a_column_that_occurs_twice_is_refused_if_it_is_read() -> None:
    names = ["other", "other", "text", "text", "body"]
    pq.write_table(pa.Table.from_arrays([pa.array(["Some prose."])] * len(names), names), "a.parquet")
    columns = {"id": None, "title": None, "text": "body"}
    check_prose(own_files("a.parquet"), columns)
    with pytest.raises(
        UserError, match=r"^a\.parquet: must have one column 'text'; it has other, other, text, text, body; name"
    ):
        check_prose(own_files("a.parquet"), columns | {"text": "text"})


def test_wikilm_check_and_download_refuse_them(set_params: SetParams) -> None:
    Path("a.jsonl").write_text(json.dumps({"text": "Some prose."}))
    set_params({"wiki.source": "a.jsonl"})
    for check in (lambda: checked_params("download"), lambda: check_stages(load_params())):
        with pytest.raises(UserError, match=r"a\.jsonl: must have one column 'id', 'title'; it has text; name"):
            check()
    set_params({"wiki.columns": {"id": None, "title": None}})
    checked_params("download")
