"""An export of the model that comes with wikilm, for programs of others, which look for nothing on the net."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wikilm.__main__ import main
from wikilm.prediction import LanguageModel
from wikilm.run import Run

SHIPPED = "enwiki-40m"
Open = Callable[[Path], Any]


@pytest.fixture(scope="session", autouse=True)
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what these programs write out of the user's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
            patch.setenv(name, "1")
        yield


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of the model that comes with wikilm."""
    main(["export", SHIPPED, str(new := tmp_path_factory.mktemp("exports") / SHIPPED)])
    return new


@pytest.fixture(scope="session")
def shipped() -> LanguageModel:
    """That model, with products in float32."""
    model = Run().language_model(SHIPPED)
    for module in model.network.modules():
        if hasattr(module, "in_bfloat16"):
            vars(module)["in_bfloat16"] = False
    return model


@pytest.fixture(scope="session")
def opened(offline: None) -> Open:
    """A function that loads the model of a folder as its card says."""
    from transformers import AutoModelForCausalLM

    return lambda path: AutoModelForCausalLM.from_pretrained(path, trust_remote_code=True)


@pytest.fixture(scope="session")
def tokenizer(folder: Path, offline: None) -> Any:
    """The tokenizer of the export."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
