"""`wikilm clean`: what it lists, what it deletes, and what it never touches."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.commands.conftest import Ask, Refused
from tests.conftest import ROOT, SetParams, change_params

# The outputs of a model that is called gone, and of others that are entries.
OF_GONE = [
    "models/gone/weights.pt",
    "embeddings/gone/vectors.npy",
    "reports/analogies/gone.json",
    "reports/analogies/gone.md",
    *(f"{kind}/{stage}/gone.json" for kind in ("metrics", "timings") for stage in ("train", "embeddings", "analogies")),
]
OTHERS = [path.replace("gone", "gru") for path in OF_GONE] + [
    "models/.gitignore",
    "models/notes.txt",  # cannot be a model's name
    "models/poetry/corvin/weights.pt",
    "metrics/train/.gitignore",
    "metrics/index.json",
    "timings/download.json",
    "sequences.db",
    "downloads/gone/dump.bz2",
    "downloads/.gone.partial",
    "raw/gone.json",
    "gone",
]
KEY = "1-0123456789abcdef"  # a seed, and a fingerprint


@pytest.fixture
def data(in_tmp: Path) -> Path:
    """The data folder of a run, the parent of which is the working folder."""
    Path("dvc.yaml").write_bytes((ROOT / "dvc.yaml").read_bytes())
    write("../gone.txt", *OF_GONE, *OTHERS)
    return Path("data")


def write(*paths: str) -> None:
    """Write files of five bytes below data/."""
    for path in paths:
        (Path("data") / path).parent.mkdir(parents=True, exist_ok=True)
        (Path("data") / path).write_text("12345")


def files() -> set[str]:
    return {str(path.relative_to("data")) for path in Path("data").rglob("*") if path.is_file()}


def listed(ask: Ask, *options: str) -> set[str]:
    """The outputs that `wikilm clean` lists, below data/."""
    found = json.loads(ask("clean", "--json", *options)[0])["outputs"]
    return {str(Path(output["path"]).relative_to("data")) for output in found}


def test_the_outputs_of_a_model_that_is_gone_are_listed_with_their_sizes(data: Path, ask: Ask) -> None:
    write("models/gone/curves.tsv")
    before = files()
    printed, note = ask("clean")
    *lines, summary = printed.splitlines()
    folders = [path if path.endswith((".json", ".md")) else str(Path(path).parent) for path in OF_GONE]
    assert [line.split()[0] for line in lines] == sorted(f"data/{path}" for path in folders)
    assert lines[4].split() == ["data/models/gone", "10", "bytes"]
    assert summary == "10 output(s), 55 bytes; `wikilm clean --yes` deletes them"
    assert note == ""
    assert files() == before


def test_yes_deletes_what_was_listed_and_nothing_else(data: Path, ask: Ask) -> None:
    assert ask("clean", "--yes")[0].splitlines()[-1] == "deleted 10 output(s), 50 bytes"
    assert files() == set(OTHERS)
    assert not (data / "models/gone").exists()
    assert Path("gone.txt").exists()
    assert ask("clean", "--yes")[0] == ask("clean")[0] == "nothing to delete\n"
    assert json.loads(ask("clean", "--json")[0]) == {"deleted": False, "outputs": []}


def test_a_removed_entry_leaves_outputs(data: Path, ask: Ask) -> None:
    yaml = YAML()
    params = yaml.load(Path("params.yaml"))
    del params["models"]["gru"]
    yaml.dump(params, Path("params.yaml"))
    assert {name for name in listed(ask) if "gru" in name} == {
        name.replace("gone", "gru") for name in listed(ask) if "gone" in name
    }


def test_what_killed_runs_left_is_listed_unless_a_training_may_resume_from_it(data: Path, ask: Ask) -> None:
    kinds = [f".{KEY}.checkpoint", f".{KEY}.checkpoint.partial", ".1.curve.checkpoint.jsonl"]
    kinds += [".scratch.partial", ".partial", ".old"]
    left = {owner: {f"models/.{owner}{kind}" for kind in kinds} for owner in ("gru", "lstm", "gone")}
    write(*left["gru"], *left["lstm"], *left["gone"])  # gru is trained, lstm is not
    files = {owner: f"metrics/train/.{owner}.json.partial" for owner in left}
    write(*files.values(), "embeddings/.svd.partial/vectors.npy", "embeddings/.gone.old/vectors.npy")
    write("models/.other", f"models/.{KEY}.checkpoint", "models/.gru.0123.checkpoint")  # of other names
    hidden = {name for name in listed(ask) if Path(name).name.startswith(".")}
    assert hidden == left["gru"] | left["gone"] | {files["gru"], files["gone"], "embeddings/.gone.old"}
    ask("clean", "--yes")
    assert all((data / name).exists() for name in (*left["lstm"], "embeddings/.svd.partial/vectors.npy"))
    write("models/lstm/weights.pt")
    assert {name for name in listed(ask) if "lstm" in name} == left["lstm"]


def test_the_poets_are_kept_while_poetry_generation_is_on(data: Path, set_params: SetParams, ask: Ask) -> None:
    checkpoint = f"models/.poetry-bécquer-gru.{KEY}.checkpoint"
    write(checkpoint, "models/.poetry.old/x")
    poets = {"models/poetry", checkpoint, "models/.poetry.old"}
    assert listed(ask) & poets == {checkpoint, "models/.poetry.old"}  # the poets are trained
    (data / "models/poetry/corvin/weights.pt").unlink()
    (data / "models/poetry/corvin").rmdir()
    (data / "models/poetry").rmdir()
    assert listed(ask) & poets == set()  # their training may resume
    write("models/poetry/corvin/weights.pt")
    set_params({"poetry_generation": "off"})
    assert listed(ask) & poets == poets - {"models/poetry"}  # the stage writes an empty folder there


def test_nothing_outside_the_run_is_touched(data: Path, tmp_path: Path, ask: Ask) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "gone").write_text("12345")
    (data / "models/linked").symlink_to(outside)  # only the link is deleted
    (data / "models/gone/deeper").symlink_to(outside)
    (data / "reports/analogies/gone.md").unlink()
    (data / "reports/analogies/gone.md").symlink_to(outside / "gone")
    for path in list((data / "embeddings").rglob("*.npy")):
        path.unlink()
        path.parent.rmdir()
    (data / "embeddings").rmdir()
    (data / "embeddings").symlink_to(outside)  # a folder elsewhere is left alone
    assert {"models/linked", "reports/analogies/gone.md"} < listed(ask)
    assert not any(name.startswith("embeddings") for name in listed(ask))
    ask("clean", "--yes")
    assert not (data / "models/linked").is_symlink()
    assert (outside / "gone").read_text() == "12345"


def test_downloads_are_kept_whatever_dvc_yaml_says(data: Path, set_params: SetParams, ask: Ask) -> None:
    text = Path("dvc.yaml").read_text()
    Path("dvc.yaml").write_text(text.replace("- data/poems:", "- data/downloads\n      - data/poems:"))
    set_params({"poems": "off"})
    assert not any("downloads" in name for name in listed(ask))


def test_a_linked_data_folder_is_the_runs(data: Path, ask: Ask) -> None:
    Path("data").rename("real")
    Path("data").symlink_to("real")
    assert "models/gone" in listed(ask)


def test_another_run_is_cleaned_by_its_own_files(data: Path, tmp_path: Path, ask: Ask, refused: Refused) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("data", "params.yaml", "dvc.yaml"):
        Path(name).rename(other / name)
    change_params(other / "params.yaml", {"models.gone": {"kind": "svd"}})
    assert ask("clean", "--data", str(other / "data"))[0] == "nothing to delete\n"
    assert refused("clean").startswith("params.yaml: not found; run this from ")
    (other / "dvc.yaml").unlink()
    assert refused("clean", "--yes", "--data", str(other / "data")) == (
        f"{other}/dvc.yaml: not found; a run is a folder next to a dvc.yaml"
    )
