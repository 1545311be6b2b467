"""Names that are shell commands, paths or too long, wherever params.yaml and files have names."""

import json
import shutil
from pathlib import Path

from ruamel.yaml import YAML

from tests.conftest import ROOT, change_params
from tests.hostile.archives import changed, of_json
from tests.hostile.case import Case, Make, writes

SHELL = "x'; touch PWNED; '"
CLIMBS = "../../notes"
RULE = "this name must be made of at most 64 lower-case letters, digits, - and _"
MISSING = "'../../params.yaml' does not exist"
LONG = "a" * 65
WEIGHTS = "data/reports/perplexities.json"


def named(section: str, name: str, entry: object) -> Make:
    """Return what adds an entry of this name to a section of params.yaml."""

    def make(folder: Path) -> None:
        path = folder / "params.yaml"
        yaml = YAML()
        content = yaml.load(path)
        content.setdefault(section, {})[name] = entry
        yaml.dump(content, path)

    return make


def under_dvc(name: str, made: str = "") -> Make:
    """Return what gives a model this name, in a project of DVC whose stages before `train` need no run.

    It has an output of that name where it is `made`.
    """

    def make(folder: Path) -> None:
        named("models", name, {"unit": "gru"})(folder)
        yaml = YAML()
        content = yaml.load(folder / "dvc.yaml")
        stages = {stage: own for stage, own in content["stages"].items() if "foreach" in own}
        yaml.dump({"stages": stages}, folder / "dvc.yaml")
        if made:
            shutil.copytree(folder / "data" / made / "gru", folder / "data" / made / name)
        for code in ("pipeline", "models"):
            (folder / code).symlink_to(ROOT / code)
        writes(".dvc/config", "[core]\nno_scm = true\nanalytics = false\n")(folder)
        writes("notes/mine.txt", "to keep")(folder)

    return make


def poet(name: str) -> Make:
    row = {"poet": name, "poem": 0, "group": 0, "title": None, "stanzas": [["a line"]]}
    return writes("data/poems/poems.jsonl", json.dumps(row) + "\n")


def weighs(value: object) -> Make:
    """Return what gives a model another weight in the mixture."""
    return changed(WEIGHTS, of_json(lambda found: found["weights"]["mixture"].update(gru=value)))


def settings(changes: dict[str, object]) -> Make:
    return lambda folder: change_params(folder / "params.yaml", changes)


CASES = [
    Case("a model's name is a command, all models", under_dvc(SHELL), "dvc repro train", (RULE,)),
    Case("a model's name is a command, it alone", under_dvc(SHELL), f'dvc repro -s "train@{SHELL}"', (RULE,)),
    Case(
        "a model's name is a command, the vectors",
        under_dvc(SHELL, "models"),
        f'dvc repro -s "embeddings@{SHELL}"',
        (RULE,),
    ),
    Case(
        "a model's name is a command, the analogies",
        under_dvc(SHELL, "embeddings"),
        f'dvc repro -s "analogies@{SHELL}"',
        (RULE,),
    ),
    Case("a model's name is an option", under_dvc("--help"), "dvc repro -s train@--help", (RULE,)),
    Case("a model's name climbs, all models", under_dvc(CLIMBS), "dvc repro train", (MISSING,)),
    Case("a model's name climbs, it alone", under_dvc(CLIMBS), f"dvc repro -s train@{CLIMBS}", (MISSING,)),
    Case("a model's name climbs, asked of its state", under_dvc(CLIMBS), "dvc status", (MISSING,)),
    Case("a model's name climbs, restored", under_dvc(CLIMBS), "dvc checkout", (MISSING,)),
    Case("a model's name is blank", named("models", "", {"unit": "gru"}), "wikilm check", (f"models.: {RULE}",)),
    Case("a model's name is long", named("models", LONG, {"unit": "gru"}), "wikilm check", (f"{LONG}: {RULE}",)),
    Case("a mixture's name climbs", named("mixtures", "../x", {}), "wikilm check", (f"mixtures.../x: {RULE}",)),
    Case("a mixture's name is a command", named("mixtures", "$(touch PWNED)", {}), "wikilm check", (RULE,)),
    Case(
        "a poets' model's name climbs",
        settings({"poetry_generation.models": {"../x": {"unit": "gru"}}, "poetry_generation.writer": "../x"}),
        "wikilm check",
        (f"poetry_generation.models.../x: {RULE}",),
    ),
    Case(
        "a poet's name climbs",
        poet(CLIMBS),
        "pipeline.poetry_generation data/poems data/models/poetry data/reports/poetry_generation.json",
        (f"data/poems/poems.jsonl: the poet '{CLIMBS}': gives no poet's name of at most 64 letters",),
    ),
    *(
        Case(f"a setting {key} of {value!r:.20}", settings({key: value}), "wikilm check", (key.rpartition(".")[2],))
        for key, value in (
            ("mixtures.mixture.of", ["gru"] * 2000),
            ("mixtures.mixture.of", ["gru", "../x"]),
            ("mixtures.mixture.of", float("nan")),
            ("models.gru.most_ngrams", 10**30),
            ("models.gru.most_ngrams", -1),
            ("models.gru.most_ngrams", float("nan")),
            ("models.gru.ngram_order", 10**6),
            ("grammar.sets", ""),
            ("grammar.sets", "../\x1b[2J"),
            ("grammar.sets", "~"),
        )
    ),
    *(
        Case(
            f"weights of a mixture of {value}",
            weighs(value),
            "wikilm next the king --model mixture",
            (WEIGHTS,),
        )
        for value in (-5.0, 7.0, 1e308, float("nan"), "x")
    ),
    Case("a preset's name climbs", writes("x.yaml", "models: {}"), "wikilm preset ../../x", ("no preset '../../x'",)),
]
