import pickle
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq

from pipeline import download, extract, templates
from pipeline.dumps.definitions import Definition, Definitions, write_definitions
from pipeline.run.outputs import read_json
from tests.conftest import ErrorOf, SetParams
from tests.small_dumps import a_page, titled, wrap

PAGES = [
    a_page(1, "The {{kern|lund}} is big."),
    a_page(2, "Kern:\n* a hill\n{{meanings}}"),
    a_page(3, "#REDIRECT [[Page 1]]"),
    titled("Template:Sea", a_page(10, "''{{{1}}}''<noinclude>[[Category:Seas]]</noinclude>", ns=10)),
    titled("Template:Kern", a_page(11, "#REDIRECT [[Template:Sea]]", ns=10, redirect=True)),
    titled("Template:Meanings", a_page(12, "<div>{{{1}}}</div>__DISAMBIG__", ns=10)),
    titled("Template:Words", a_page(13, "{{#invoke:Words|say}}", ns=10)),
    titled("Template:Style.css", a_page(14, ".a {color: red}", ns=10, model="sanitized-css")),
]


def prose(set_params: SetParams, dump: str) -> list[str]:
    """The texts of the articles in a dump."""
    Path("wiki.xml").write_text(dump)
    set_params({"wiki.source": "wiki.xml"})
    download.main(["raw"])
    templates.main(["raw", "templates.db", "--metrics", "m.json"])
    extract.main(["raw", "templates.db", "articles"])
    texts: list[str] = pq.read_table("articles/part-00000.parquet")["text"].to_pylist()
    return texts


def test_definitions_are_kept_by_name(set_params: SetParams) -> None:
    assert prose(set_params, wrap(PAGES)) == ["The lund is big."]
    rows = sqlite3.connect("templates.db").execute("SELECT * FROM templates ORDER BY name").fetchall()
    assert rows == [
        ("Kern", '""', "Sea", 0),
        ("Meanings", '""', None, 1),
        ("Sea", """["join","''",["argument","1",null],"''"]""", None, 0),
        ("Words", None, None, 0),
    ]
    assert read_json(Path("m.json"))["definitions"] == 4
    found = Definitions(Path("templates.db"))
    assert found("kern") == found("Sea") == ["join", "''", ["argument", "1", None], "''"]
    assert found("words") is None
    assert found("none") is None
    assert found("\u200fsea\u200e") == found("Sea")  # without marks of direction
    assert found.disambiguation_names() == {"meanings"}
    stats = read_json(Path("articles.json"))
    assert stats["dropped"] == {"disambiguation": 1, "other_namespace": 5, "redirect": 1}
    assert stats["templates"]["by_definition"] == 1
    set_params({"extract.templates": False, "extract.disambiguation": "keep", "extract.lists": True})
    assert len(prose(set_params, wrap(PAGES))) == 2
    assert read_json(Path("m.json"))["definitions"] == 0


def test_redirects_are_followed_as_the_dump_says(set_params: SetParams) -> None:
    """In any language, and to no page but a template; without the dump's word, as the text says."""
    names = {
        "circle": a_page(9, "#REDIRECT [[Template:Round]]", ns=10, redirect=True),
        "round": a_page(10, "#REDIRECT [[Template:Circle]]", ns=10, redirect=True),
        "one": a_page(11, "#ՎԵՐԱՀՂՈՒՄ [[Template:Sea]]", ns=10, redirect=True),
        "two": a_page(12, "#REDIRECT [[:Template:Sea]]", ns=10),
        "three": a_page(13, "#REDIRECT [[User:Sea]]", ns=10, redirect=True),
        "four": a_page(14, "#REDIRECT [[Sea]]", ns=10),
        "sea": a_page(15, "sea of {{{1}}}", ns=10),
    }
    article = "\n\n".join(f"The {{{{{name}|ice}}}} is here." for name in names)
    pages = [a_page(1, article), *(titled(f"Template:{name.title()}", page) for name, page in names.items())]
    (text,) = prose(set_params, wrap(pages))
    shown = [line.removeprefix("The ").removesuffix(" is here.") for line in text.split("\n")]
    assert shown == ["is here.", "is here.", "sea of ice", "sea of ice", "is here.", "is here.", "sea of ice"]


def test_a_file_that_is_no_database_is_reported(set_params: SetParams, error_of: ErrorOf) -> None:
    prose(set_params, wrap(PAGES))
    before = Path("articles.json").read_bytes()
    for content in (None, b"", b"words " * 1_000, Path("templates.db").read_bytes()[:4096]):
        Path("templates.db").unlink()
        if content is not None:
            Path("templates.db").write_bytes(content)
        told = "not found" if content is None else "is damaged"
        assert f"templates.db: {told}" in error_of(extract.main, ["raw", "templates.db", "articles"])
        Path("templates.db").touch()
    assert Path("articles.json").read_bytes() == before


def test_a_turkish_i_has_a_capital_with_a_dot(set_params: SetParams) -> None:
    pages = [
        a_page(1, "Bu {{il|Iğdır}} ve {{lcfirst:Isparta}}."),
        titled("Template:İl", a_page(10, "{{{1}}} ili", ns=10)),
    ]
    set_params({"wiki.language": "tr"})  # which overrides the language of the dump
    assert prose(set_params, wrap(pages)) == ["Bu Iğdır ili ve ısparta."]
    assert read_json(Path("articles.json"))["language"] == "tr"


def test_a_process_opens_the_definitions_once_for_all_its_items(tmp_path: Path) -> None:
    path = tmp_path / "templates.db"
    write_definitions(path, [Definition("A", '"old"', None, disambiguation=False)])
    own = Definitions(path)
    sent = pickle.dumps(own)
    found = pickle.loads(sent)
    assert (found("A"), pickle.loads(sent)) == ("old", found)
    path.unlink()
    assert pickle.loads(pickle.dumps(own)) is found
    write_definitions(path, [Definition("A", '"new"', None, disambiguation=False)])
    assert pickle.loads(pickle.dumps(Definitions(path)))("A") == "new"
