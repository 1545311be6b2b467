"""Exports of packed models, and new projects, where something else is, and names in them that are code."""

import zipfile
from pathlib import Path

from tests.hostile.archives import MODEL, PACK, of_json, repacked
from tests.hostile.case import Case, Make, undamaged, writes
from tests.hostile.cases.archives import AGAIN, settings
from tests.hostile.cases.names import SHELL
from tests.hostile.cases.sets import fifo, linked
from tests.hostile.cases.terminal import ESCAPE

EXPORT, NEXT = f"wikilm export {PACK} out", f"wikilm next the king --model {PACK}"
CODE = '"]}\n---\n<script>alert(1)</script>\n[x](javascript:alert(1)) `x` | {0} {x}'


def called(name: str) -> Make:
    """Return what gives the packed model another name, wherever its file has it."""

    def make(folder: Path) -> None:
        with zipfile.ZipFile(folder / PACK) as file:
            members = {each.replace(MODEL, f"data/models/{name}"): file.read(each) for each in file.namelist()}
        metrics = "data/metrics/train/{}.json"
        members[metrics.format(name)] = members.pop(metrics.format("enwiki-40m"))
        with zipfile.ZipFile(folder / PACK, "w", zipfile.ZIP_DEFLATED) as file:
            for each, content in members.items():
                file.writestr(each, content)

    return make


def about(**changes: object) -> Make:
    return repacked(PACK, {"about.json": of_json(lambda found: found.update(changes))})


CASES = [
    Case("an export", undamaged, EXPORT),
    Case("an export of a model whose text and licence are code", about(source=CODE, licence=CODE), EXPORT),
    Case("an export of a model whose text is an escape", about(source=ESCAPE, licence=ESCAPE), EXPORT),
    *(
        Case(f"an export into {name}", make, EXPORT, ("out: is there already",))
        for name, make in (
            ("a link to a folder", linked("out", "data")),
            ("a link to nothing", linked("out", "nothing")),
            ("a link to itself", linked("out", "out")),
            ("a file", writes("out", "mine")),
            ("a pipe", fifo("out")),
        )
    ),
    Case("an export into a file's folder", writes("out", "mine"), f"{EXPORT}/model", ("out: File exists",)),
    *(
        Case(f"a new project in {name}", make, "wikilm new out", ("out: exists and is not an empty folder",))
        for name, make in (
            ("a link to nothing", linked("out", "nothing")),
            ("a link to a folder", linked("out", "data")),
            ("a pipe", fifo("out")),
            ("a file", writes("out", "mine")),
        )
    ),
    *(
        Case(f"a packed model that is called {shown}", called(name), command, (PACK, AGAIN))
        for shown, name in (("an escape", ESCAPE), ("a command", SHELL), ("as n-grams are", "unigram"))
        for command in (NEXT, EXPORT)
    ),
    *(
        Case(f"a pack whose bits per byte are {shown}", about(after=value), EXPORT, (PACK, "about.json", AGAIN))
        for shown, value in (("a text", "{0}"), ("no number", float("nan")), ("infinite", 1e999))
    ),
    Case(
        "an export of a unit that is code",
        settings(unit={"kind": "gru\nimport os\nos.system('touch PWNED')"}),
        EXPORT,
        (PACK, "unit", AGAIN),
    ),
    Case(
        "an export of a language that is code",
        repacked(PACK, {"data/articles.json": of_json(lambda found: found.update(language=f"en\n{ESCAPE}"))}),
        EXPORT,
        (PACK, "language", AGAIN),
    ),
]
