"""The files of an export, and its module with what it takes of transformers replaced by a few lines."""

import inspect
import json
import math
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from models.recurrent import units
from models.recurrent.units.lstm import LSTM
from pipeline.run.errors import UserError
from pipeline.store.vocabularies.words import Words
from pipeline.store.vocabulary import END, START
from pipeline.words.shards import write_articles
from tests.conftest import ROOT, SetParams
from tests.hugging_face.agreement import (
    ABOUT,
    CASES,
    ROWS,
    STREAM,
    TEXTS,
    UNIT,
    differences,
    exported,
    finest,
    ids_of,
    named,
)
from wikilm.hugging_face.card import plain
from wikilm.hugging_face.source import PACKAGES, modeling_source
from wikilm.hugging_face.tokenizer import check_ids, tokenizer_files
from wikilm.run_folder import RunFolder

SMALL: dict[str, Any] = {"unit": UNIT, "hidden_sizes": [4]}


class Config:
    def __init__(self, **settings: Any) -> None:
        vars(self).update(settings)


class Model(torch.nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config

    def post_init(self) -> None:
        pass


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The part of transformers that the module of an export uses."""
    own = {"PretrainedConfig": Config, "PreTrainedModel": Model, "GenerationMixin": type("GenerationMixin", (), {})}
    parts: dict[str, dict[str, Any]] = {
        "transformers": {"__version__": "5.0.0", **own},
        "transformers.generation": {},
        "transformers.generation.utils": {"ALL_CACHE_NAMES": ["cache"]},
        "transformers.utils": {"ModelOutput": type("ModelOutput", (), {})},
    }
    for name, content in parts.items():
        monkeypatch.setitem(sys.modules, name, module := ModuleType(name))
        vars(module).update(content)
    return sys.modules["transformers"]


def loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the model of a folder, by the module in it."""
    monkeypatch.setitem(sys.modules, "modeling_wikilm", module := ModuleType("modeling_wikilm"))
    exec((folder / "modeling_wikilm.py").read_text(encoding="utf-8"), vars(module))
    model = module.WikilmForCausalLM(module.WikilmConfig(**json.loads((folder / "config.json").read_text())))
    weights = load_file(folder / "model.safetensors")
    model.load_state_dict({"output.weight": weights["embedding.weight"], **weights})
    return model


@pytest.mark.parametrize("case", CASES, ids=named)
def test_its_logits_are_those_of_the_model(
    case: dict[str, Any], tmp_path: Path, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = exported(case, tmp_path / "new")
    export = loaded(tmp_path / "new", monkeypatch)
    assert max(differences(export, model).values()) < 1e-4
    model.network.double()
    assert max(differences(export.double(), model).values()) < finest(case)


def test_its_module_has_the_source_of_its_unit_and_needs_no_other_package() -> None:
    code = modeling_source("lstm")
    assert code.count(inspect.getsource(LSTM.step)) == 1
    assert "class GRU" not in code
    assert {*re.findall(r"^(?:from|import) (\w+)", code, re.MULTILINE)} <= PACKAGES | sys.stdlib_module_names
    options = ("--config", str(ROOT / "pyproject.toml"), "-")
    for check in (("check", *options), ("format", "--check", *options)):
        found = subprocess.run([sys.executable, "-m", "ruff", *check], input=code, text=True, capture_output=True)
        assert found.returncode == 0, found.stdout


OWN = '''"""A unit of a user."""

from math import tau

{imports}from models.recurrent.units import Functions, Unit, Value


def turned(values: Value) -> Value:
    """Return a value that only this module has."""
    return tau * values


class Own(Unit, name="own", label="own unit", gates="candidate"):
    """A unit of a user."""

    def step(self, f: Functions, x: Value, h: Value) -> tuple[Value]:
        """Return the new hidden values."""
        return (f.tanh(f.sums(x, h)) + turned(h),)
'''


@pytest.fixture
def define(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """A function that defines a unit `own` in a module, as a user's file does."""

    def define(module: str, imports: str) -> None:
        (path := tmp_path / "own.py").write_text(OWN.format(imports=imports))
        monkeypatch.setitem(units.UNITS, "own", units.Unit)  # which puts back what was there
        spec = spec_from_file_location(module, path)
        assert spec
        assert spec.loader
        monkeypatch.setitem(sys.modules, module, own := module_from_spec(spec))
        spec.loader.exec_module(own)

    return define


def test_a_unit_of_a_users_own_goes_into_the_file(define: Callable[[str, str], None], stand_in: Any) -> None:
    define("models.recurrent.units.own", "")
    space: dict[str, Any] = {"__name__": "modeling_wikilm"}
    exec(modeling_source("own"), space)
    unit, weights = space["UNITS"]["own"](), {"input_weight": torch.ones(1, 1), "hidden_weight": torch.zeros(1, 1)}
    f = space["StepInTorch"](unit, 1, {**weights, "bias": torch.zeros(1)})
    ((found,),) = unit.step(f, torch.zeros(1, 1), torch.full((1, 1), 2.0))
    assert float(found) == pytest.approx(2 * math.tau)


def test_a_unit_that_cannot_go_into_the_file_is_refused(define: Callable[[str, str], None]) -> None:
    define("models.recurrent.units.own", "from numpy import tanh as turned\n")
    with pytest.raises(UserError, match=r"^own: the module of this unit imports numpy, which an export lacks$"):
        modeling_source("own")
    define("notebook", "")
    with pytest.raises(UserError, match=r"^own: the class of this unit is in notebook; put it into a file in models/"):
        modeling_source("own")


@pytest.mark.parametrize(("batches", "before", "pad"), [(STREAM, END, START), (ROWS, START, END)])
def test_its_files_say_what_the_model_reads(batches: dict[str, Any], before: int, pad: int, tmp_path: Path) -> None:
    model = exported({**SMALL, "batches": batches}, folder := tmp_path / "new")
    vocabulary, tokenizer = model.vocabulary, Tokenizer.from_file(str(folder / "tokenizer.json"))
    for text in TEXTS:
        ids = ids_of(vocabulary, text)
        assert tokenizer.encode(text).ids == [before, *ids]
        assert tokenizer.encode(text, add_special_tokens=False).ids == ids
        assert tokenizer.decode([before, *ids, END]) == text
    read = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    settings = read["tokenizer_config.json"]
    names = {name: tokenizer.token_to_id(settings[f"{name}_token"]) for name in ("bos", "eos", "pad", "unk")}
    assert names == {"bos": before, "eos": END, "pad": pad, "unk": vocabulary.unknown}
    for file in ("config.json", "generation_config.json"):
        assert [read[file][f"{name}_token_id"] for name in ("bos", "eos", "pad")] == [before, END, pad]
    never = read["generation_config.json"]["suppress_tokens"]
    assert {START, vocabulary.unknown} < {*never} == {0, *(id for id, (_, n) in enumerate(vocabulary.entries) if not n)}
    weights = model.network.state_dict()
    written = load_file(folder / "model.safetensors")
    assert {name: tuple(value.shape) for name, value in written.items()} == {
        name: tuple(value.shape) for name, value in weights.items()
    }
    assert all(torch.equal(written[name], weights[name]) for name in weights)


def test_the_card_says_what_is_exported(tmp_path: Path) -> None:
    exported({**SMALL, "hidden_sizes": [1200, 4]}, tmp_path / "new")
    card = (tmp_path / "new/README.md").read_text(encoding="utf-8")
    assert card.startswith('---\nlicense: "other"\nlicense_name: "public-domain"')
    for told in ("GRU of 1,200, 4 hidden values, an exact softmax", ABOUT.source, ABOUT.licence, "test split | 3.000"):
        assert told in card


def test_text_of_others_is_one_line_without_markup_on_the_card() -> None:
    assert plain("a\n# b <i>|\x1b[2J") == r"a # b \<i\>\|\\u001b\[2J"


@pytest.mark.parametrize(("unit", "told"), [("line", ""), ("sentence", "small: reads words, which an export's")])
def test_words_are_exported_if_the_tokenizer_gives_their_ids(unit: str, told: str, set_params: SetParams) -> None:
    set_params({"tokens.unit": unit})
    Path("data/articles").mkdir(parents=True)
    write_articles(
        [(1, "One", "the king rules\nthe  sea , he said\n"), (2, "Two", "The king's")], Path("data/articles")
    )
    run = RunFolder()
    run.vocabulary = Words.of([("the", 3), ("king", 2), ("king's", 1), (",", 1)], rows=3, unknown=4)
    file = tokenizer_files(run.vocabulary, START)["tokenizer.json"]
    if told:
        with pytest.raises(UserError, match=f"^{told}"):
            check_ids("small", run, file)
    else:
        check_ids("small", run, file)
        assert Tokenizer.from_str(file).encode("the sea , King's king's").ids == [START, 2, 6, 5, 6, 4]
