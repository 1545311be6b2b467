"""A language is a file: its tables are in no other place, and a new file is all that a new language needs."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.languages.language import COMMON, FOLDER, language_like, language_of, languages
from pipeline.wikitext.site import CODES
from pipeline.wikitext.templates.known import BY_KIND
from tests.conftest import ROOT

# A language of no Wikipedia, whose sentences also end at ¶ and whose letters are those of Turkish.
KERN = """
abbreviations = "hrn"
starters = "Lo"
stops = "¶"
dotless_i = true
names = "file=bildo; category=sorto; redirect=iru; disambiguation=dupa nomo; quantity=mezuro; no_words=noto"
templates = "first=akra; before=Sro"
shows = "jc=jarcento {1}"
thousands = "'"
"""
SEES = """
from pathlib import Path
from pipeline.languages import language
language.FOLDER = Path(FOLDER)
from pipeline.wikitext import Site, strip_markup
from pipeline.wikitext.pages import is_disambiguation, redirect_target
from pipeline.words.sentences import split_sentences
from pipeline.words.words import split_words

assert split_sentences("Jen hrn. Ek¶ Li iris.", "qk") == ["Jen hrn. Ek¶ ", "Li iris."]
assert split_sentences("Jen hrn. Ek¶ Li iris.", "en") != split_sentences("Jen hrn. Ek¶ Li iris.", "qk")
assert split_words(["IRI"], "qk")[0].to_pylist() == ["ırı"]
kern = Site("qkwiki", "qk")
for site in (kern, Site()):  # all wikis understand these names
    assert strip_markup("A [[Bildo:a.jpg|thumb|x]]b.[[Sorto:C]]", site) == "A b."
    assert strip_markup("It is {{mezuro|5|km}} long{{noto|of a kind}}.", site) == "It is 5 km long."
assert redirect_target("#IRU [[A]]") == "A" and is_disambiguation("{{Dupa nomo}}", set())
markup = "En la {{jc|19}} {{sro|Ek}} {{akra|vidis}} {{formatnum:1234}}."
assert strip_markup(markup, kern) == "En la jarcento 19 Sro Ek vidis 1'234."
assert strip_markup(markup) == "En la 1,234."
"""


def test_a_new_language_is_a_new_file(tmp_path: Path) -> None:
    """Tables of all languages are made as modules are imported, so a new process reads the folder with the new file."""
    shutil.copytree(FOLDER, tmp_path / "languages", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (tmp_path / "languages/qk.toml").write_text(KERN, encoding="utf-8")
    code = SEES.replace("FOLDER)", f"{str(tmp_path / 'languages')!r})")
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    (tmp_path / "languages/qk.toml").write_text("redirects = 'iru'", encoding="utf-8")
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "qk.toml: has no key redirects; language.py explains" in ran.stderr


def keyed_by_language(path: Path) -> list[str]:
    """Return the literals of a module whose members or keys are mostly codes of languages."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        members: Sequence[ast.expr | None] = []
        if isinstance(node, ast.Dict):
            members = node.keys
        elif isinstance(node, ast.Set | ast.List | ast.Tuple):
            members = node.elts
        texts = [member.value for member in members if isinstance(member, ast.Constant)]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts = [*node.value.split()]
        if len(texts) > 1 and sum(text in CODES for text in texts) > 0.7 * len(texts):
            found.append(f"{path}: {ast.unparse(node)}")
    return found


def test_no_table_keyed_by_a_languages_code_is_left_in_python(tmp_path: Path) -> None:
    modules = [path for room in ("models", "pipeline", "wikilm") for path in (ROOT / room).rglob("*.py")]
    assert not [table for path in modules for table in keyed_by_language(path)]
    for table in ('{"de": 1, "fr": 2, "xxx": 3, "ru": 4}', '{"az", "tr"}', '("ca", "es")', '"az kaa tr".split()'):
        (path := tmp_path / "module.py").write_text(f"TABLE = {table}", encoding="utf-8")
        assert keyed_by_language(path)


def test_text_that_names_no_language_has_one_default() -> None:
    """`en` also names English as such: {{as of}} is English wikis' own."""
    modules = [path for room in ("pipeline", "wikilm") for path in (ROOT / room).rglob("*.py")]
    assert {path.stem for path in modules if '"en"' in path.read_text(encoding="utf-8")} == {"dates", "language"}


def test_files_of_languages_hold_together() -> None:
    kinds = {*BY_KIND, "file", "category", "redirect", "disambiguation", "no_words"}
    relatives = [code for one in languages().values() for code in one.relatives.split()]
    assert len(relatives) == len(set(relatives))
    for code, one in languages().items():
        assert kinds >= one.names.keys(), code
        assert {*BY_KIND, "before"} >= one.templates.keys(), code
        assert {code, *one.also.split()} & {*CODES, COMMON}, code
    for code in relatives:  # one's own rules would count for nothing
        assert language_of(code).abbreviations == language_of(code).starters == ""
    assert language_like("als") is language_of("de")
    assert language_like("qk").code == "qk"
