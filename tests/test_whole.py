"""The whole pipeline under DVC, on the real sample and with small models, in a copy of the project."""

import csv
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from ruamel.yaml import YAML

from tests.browser import faults, opened
from tests.conftest import ROOT
from tests.documents import blocks, commands, spans, with_known
from tests.project import SMALL, Project, copy_of_the_project
from wikilm.__main__ import main as wikilm

pytestmark = pytest.mark.slow

TEXT_STAGES = ["download", "templates", "extract", "tokens", "vocabulary", "index", "example"]


def of(model: str) -> list[str]:
    return [f"{stage}@{model}" for stage in ("train", "embeddings", "analogies")]


MODELS = ("gru", "embedding")  # fewer than the project's own, to save time
SMALLER = {"parity", "poems", "poetry_generation", "poetry_classification"}
OF_MODELS = [stage for model in MODELS for stage in of(model)]
REMOVED = ("embedding</option>", "ada_fenn", 'id="parity')  # from the page, by the experiment
ALL = sorted([*TEXT_STAGES, "baselines", *OF_MODELS, "compare", "compare_vectors", *SMALLER, "grammar", "report"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after one run of everything, committed. Tests that change it take a copy."""
    project = copy_of_the_project(tmp_path_factory.mktemp("project"))
    models = YAML(typ="safe").load(project.root / "params.yaml")["models"]
    project.set({"models": {name: models[name] for name in MODELS}})
    project.set(SMALL)
    project.shorten_trainings()
    asked = project.without_network(tmp_path_factory.mktemp("no_network"))
    assert project.repro() == ALL
    assert not asked.exists(), asked.read_text()
    project.commit("A run")
    return project


@pytest.fixture
def copied(project: Project, tmp_path: Path) -> Iterator[Project]:
    """A test's own copy of the project after that run."""
    yield (copy := project.copy(tmp_path / "project"))
    shutil.rmtree(copy.root)


@pytest.fixture(scope="module")
def experiment(project: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, list[str]]:
    """A copy with the experiment `smaller`, which stays in the working folder; and the stages that it ran."""
    copy = project.copy(tmp_path_factory.mktemp("experiment") / "project")
    changes = ["models.gru.hidden_sizes=[10,6]", "~models.embedding", "parity=off", "poems=off"]
    return copy, copy.run("exp", "run", "--name", "smaller", *(word for change in changes for word in ("-S", change)))


def test_a_second_run_with_other_runtime_settings_runs_nothing(copied: Project) -> None:
    left = copied.root / "data/metrics/.7gkcJNMDz9XTqwFFa8xuAJ.tmp"
    left.touch()  # by DVC, when it was killed
    copied.set({"runtime.checkpoint_seconds": 61})
    assert copied.repro() == []


def test_an_edited_set_reruns_what_reads_it(copied: Project) -> None:
    pairs = copied.root / "pairs/mine.tsv"
    pairs.write_text("good\tbad\nThe king was here.\tThe king here was.\n", encoding="utf-8")
    assert copied.repro() == ["grammar", "report"]
    assert copied.json("data/metrics/grammar/gru.json").keys() == {"mine", "mine_low", "mine_high"}
    sets = copied.root / "sets/similarity"
    sets.mkdir(parents=True)
    (sets / "own.tsv").write_text("king\tqueen\t9\n", encoding="utf-8")
    copied.set({"analogies.sets": "sets"})
    copied.repro("analogies@gru")
    (sets / "own.tsv").write_text("king\tqueen\t8\nking\tman\t7\n", encoding="utf-8")
    assert copied.repro("analogies@gru") == ["analogies@gru"]


def test_the_numbers_are_there_and_the_models_beat_the_unigram(project: Project) -> None:
    unigram, bigram, trigram = (
        project.json(f"data/metrics/baselines/{name}.json")
        for name in ("unigram", "bigram_kneser_ney", "trigram_kneser_ney")
    )
    assert trigram["test_perplexity"] < bigram["test_perplexity"]
    train = project.json("data/metrics/train/gru.json")
    assert train["train_tokens"] > 300_000
    assert train["vocabulary_size"] == 301
    assert train["valid_perplexity"] < train["unigram_valid_perplexity"]
    assert train["test_perplexity"] < train["unigram_perplexity"]
    assert unigram["test_perplexity"] == pytest.approx(train["unigram_perplexity"], rel=1e-6)
    assert 0 < train["test_accuracy"] < 1
    for model in MODELS:
        assert project.json(f"data/timings/train/{model}.json")["tokens_per_second"] > 0
        assert 0 < project.json(f"data/metrics/analogies/{model}.json")["coverage"] < 0.01
    assert project.json("data/metrics/train/embedding.json")["words_read"] > 300_000
    assert project.json("data/metrics/embeddings/embedding.json")["dimensions"] == 16
    report = project.json("data/reports/perplexities.json")
    mixture, best = report["rows"]["mixture"], report["rows"][report["best"]]
    assert sum(report["weights"]["mixture"].values()) == pytest.approx(1)
    assert mixture["valid_perplexity"] < min(best["valid_perplexity"], trigram["valid_perplexity"])
    assert best["test_perplexity"] == project.json(f"data/metrics/train/{report['best']}.json")["test_perplexity"]
    extract = project.json("data/metrics/extract.json")
    assert (extract["pages"], extract["articles"]) == (206, 97)


def test_dvc_plots_what_there_is(project: Project) -> None:
    run = project.dvc("plots", "show", "--json")
    assert run.returncode == 0, run.stderr
    shown = json.loads(run.stdout)
    assert not shown.get("errors")
    plots = {name.split("/")[-2]: plot["content"]["data"]["values"] for name, (plot,) in shown["data"].items()}
    assert {row["model"] for row in plots["perplexity"]} == {"gru"}
    assert {row["model"] for row in plots["analogies_by_epoch"]} == {"embedding"}
    report = project.json("data/reports/poetry_classification.json")
    assert len(plots["poetry_classification"]) == sum(poet["lines"] for poet in report["poets"].values())


def test_a_fresh_clone_pulls_what_was_pushed_and_runs_nothing(copied: Project, tmp_path: Path) -> None:
    # A remote in .dvc/config serves clones, and those who have none.
    copied.dvc("remote", "add", "--default", "disk", str(tmp_path / "remote"))
    copied.commit("A remote")
    pushed = copied.dvc("push")
    assert pushed.returncode == 0, pushed.stderr
    subprocess.check_call(["git", "clone", "--quiet", copied.root, tmp_path / "clone"])
    clone = Project(tmp_path / "clone")
    pulled = clone.dvc("pull")
    assert pulled.returncode == 0, pulled.stderr
    page = Path("data/reports/index.html")
    assert (clone.root / page).read_bytes() == (copied.root / page).read_bytes()
    assert clone.repro("--allow-missing") == []
    for name in ("vectors", "sequences"):
        subprocess.check_call(
            ["git", "tag", "-a", "-m", name, f"{name}@v1.0.0"], cwd=copied.root, env=copied.environment
        )
        got = subprocess.run(
            ["dvc", "artifacts", "get", f"file://{copied.root}", name, "--out", str(tmp_path / name)],
            cwd=tmp_path,
            env=copied.environment,
            text=True,
            capture_output=True,
        )
        assert got.returncode == 0, got.stderr
    assert (tmp_path / "sequences").read_bytes() == (copied.root / "data/sequences.db").read_bytes()
    vectors = "gru/vectors.bin"
    assert (tmp_path / "vectors" / vectors).read_bytes() == (copied.root / "data/embeddings" / vectors).read_bytes()


def test_the_pages_commands_and_code_read_what_a_run_has_made(
    copied: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Except commands that ask a server, train or change files; tests/test_docs.py parses these."""
    files = ROOT / "docs/files.md"
    known = (copied.root / "data/embeddings/gru/vocabulary.txt").read_text(encoding="utf-8").split()[-3:]
    asked = [words for words in commands(files) if words[0] == "sqlite-utils"]
    (code,) = blocks(files, "python")
    for words in [*asked, [sys.executable, "-c", code.replace('"king"', repr(known[0]))]]:  # of 300 words king is none
        run = subprocess.run(words, cwd=copied.root, env=copied.environment, text=True, capture_output=True)
        assert run.returncode == 0, (words, run.stderr)
        assert run.stdout.strip()

    monkeypatch.chdir(copied.root)
    before, done = "", set()
    for program, *words in (
        command for page in ("settings", "commands", "experiments") for command in commands(ROOT / f"docs/{page}.md")
    ):
        if program == "wikilm" and words[0] not in ("dumps", "COMMAND", "preset", "new", "repro", "--version"):
            monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(before.encode())))
            wikilm(with_known(words, known))
            assert capsys.readouterr().out.strip(), words
            done.add(words[0])
        before = " ".join(words)
    assert {"analogy", "check", "generate", "models", "neighbours", "next", "params", "poem", "score"} <= done


def test_the_page_of_files_names_every_file_of_a_run(project: Project) -> None:
    named = {re.sub(r"[A-Z]{4,}", "*", span) for span in spans(ROOT / "docs/files.md")}
    for path in (project.root / "data").rglob("*"):
        if path.is_file() and path.name != ".gitignore" and "plots" not in path.parts:
            full = path.relative_to(project.root).as_posix()
            assert any(fnmatch(full, name) or fnmatch(path.name, name) for name in named), full


def test_the_examples_of_dvcs_api_run(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.root)
    means, code = blocks(ROOT / "docs/dvc.md", "python")
    assert 'startswith("seed-")' in means  # of experiments that this project has not run
    exec(code, {})
    figure, size, accuracy = capsys.readouterr().out.splitlines()
    assert float(figure) == project.json("data/metrics/train/gru.json")["valid_perplexity"]
    assert size == str(YAML(typ="safe").load(Path("params.yaml"))["vocabulary"]["size"])
    assert 0 <= float(accuracy) <= 1


def test_the_page_is_whole_and_needs_no_network(project: Project) -> None:
    page = (project.root / "data/reports/index.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    shown = ("206", "97", "dropped: redirect", "gru", "unigram", "king - man + woman", "ada_fenn: perplexity")
    for text in (*shown, *REMOVED):
        assert text in page
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:)', page)


def test_the_whole_page_loads_with_no_complaint_and_no_serious_fault(project: Project) -> None:
    with opened(project.root / "data/reports/index.html") as (page, complaints, requests):
        page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        assert faults(page) == []
        assert complaints == []
        assert requests == [page.url]


def test_vocabulary_size_reruns_the_vocabulary_and_after(copied: Project) -> None:
    copied.set({"vocabulary.size": 320})
    assert copied.repro("index") == ["index", "vocabulary"]
    changed = json.loads(copied.dvc("status", "--json").stdout)
    assert {"baselines", "train@gru", "train@embedding", "compare"} <= set(changed)
    # Back again: DVC has the earlier outputs of all that follows in its cache.
    copied.set({"vocabulary.size": 300})
    assert copied.repro("index") == ["vocabulary"]
    copied.set({"index.test_fraction": 0.2})
    assert {"vocabulary", "index", "example"} <= set(json.loads(copied.dvc("status", "--json").stdout))


def test_an_experiment_reruns_what_its_settings_change_alone(experiment: tuple[Project, list[str]]) -> None:
    project, stages = experiment
    assert stages == sorted([*of("gru"), "compare", "compare_vectors", "grammar", *SMALLER, "report"])
    changes = json.loads(project.dvc("metrics", "diff", "--json").stdout)
    assert {"old", "new", "diff"} <= set(changes["data/metrics/train/gru.json"]["test_perplexity"])
    assert {figure["new"] for figure in changes["data/metrics/train/embedding.json"].values()} == {None}
    assert "data/metrics/baselines/unigram.json" not in changes
    folder = "data/plots/models/perplexity"
    plots = json.loads(project.dvc("plots", "diff", "--json", "--targets", folder).stdout)["data"]
    curves = next(iter(plots.values()))[0]["content"]["data"]["values"]
    last = {point["rev"]: point["valid_perplexity"] for point in curves}
    assert last["HEAD"] != last["workspace"]


def test_what_is_taken_out_again_leaves_nothing_behind(experiment: tuple[Project, list[str]]) -> None:
    """A model whose line is deleted, the poems and parity: on the page, among the metrics and the plots."""
    project, _ = experiment
    page = (project.root / "data/reports/index.html").read_text(encoding="utf-8")
    assert not [text for text in REMOVED if text in page]
    assert "embedding.json" not in project.dvc("metrics", "show").stdout
    assert not re.search('parity|poetry|"embedding"', project.dvc("plots", "show", "--json").stdout)
    for folder in ("parity", "poetry_generation", "poetry_classification"):
        assert not list((project.root / "data/metrics" / folder).iterdir())


def test_a_queued_experiment_of_another_model_runs_elsewhere_and_stands_in_the_table(
    experiment: tuple[Project, list[str]], tmp_path: Path
) -> None:
    project = experiment[0].copy(tmp_path / "project")
    params = (project.root / "params.yaml").read_bytes()
    another = "+models.another={kind: svd, embedding_size: 4}"
    queued = project.dvc("exp", "run", "--queue", "--name", "one-more", "-S", another, "analogies@another")
    assert queued.returncode == 0, queued.stderr
    assert project.run("exp", "run", "--run-all") == sorted(["download", *of("another")])  # DVC caches no dumps
    assert (project.root / "params.yaml").read_bytes() == params
    shown = project.dvc("exp", "show", "--csv")
    assert shown.returncode == 0, shown.stderr
    rows = {row["Experiment"]: row for row in csv.DictReader(io.StringIO(shown.stdout))}
    assert rows["one-more"]["State"] == "Success"
    assert rows["one-more"]["models.another.kind"] == "svd"
    assert rows["one-more"]["data/metrics/analogies/another.json:coverage"]
    assert rows["smaller"]["models.gru.hidden_sizes"] == "[10, 6]"
    assert rows["smaller"]["data/metrics/train/gru.json:test_perplexity"]


def test_stages_that_run_again_write_the_same_bytes(
    copied: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here, in another process than the first time. Only the page shows times, so only it may differ."""
    monkeypatch.chdir(copied.root)
    stages = YAML(typ="safe").load(Path("dvc.lock"))["stages"]
    for name in ("tokens", "index", "example", "baselines", "train@gru", "report"):
        outs = [out["path"] for out in stages[name]["outs"]]
        _, _, module, *arguments = shlex.split(stages[name]["cmd"].replace("NAME", name.rpartition("@")[2]))
        import_module(module).main([str(tmp_path / word) if word in outs else word for word in arguments])
        for path in (path for out in outs for path in (Path(out), *Path(out).rglob("*"))):
            if path.is_file() and path.suffix != ".html":
                assert (tmp_path / path).read_bytes() == path.read_bytes(), path


def test_a_mistake_in_params_yaml_fails_in_one_line(copied: Project) -> None:
    copied.set({"tokens.min_words": -1})
    run = copied.dvc("repro")
    assert run.returncode != 0
    assert "tokens: error: params.yaml: tokens.min_words is -1; it must be greater than 0" in run.stderr
    assert "Traceback" not in run.stderr + run.stdout
    assert "`dvc repro tokens` restores them" in run.stderr
    assert not (copied.root / "data/tokens").exists()
    copied.set({"tokens.min_words": 2})
    assert copied.repro("tokens") == []
    assert (copied.root / "data/tokens").exists()


def test_a_users_file_in_an_output_is_kept(copied: Project) -> None:
    copied.set({"wiki.source": "data/raw/mine.xml", "poems.source": "data/poems"})
    files = [copied.root / path for path in ("data/raw/mine.xml", "data/poems/frost.txt")]
    for mine in files:
        mine.write_text("<mediawiki>", encoding="utf-8")
    run = copied.dvc("repro", "--keep-going", "download", "poems")
    assert run.returncode != 0
    assert "download: error: " in run.stderr
    assert "poems: error: " in run.stderr
    assert run.stderr.count("keep your files in another folder") == 2
    for mine in files:
        assert mine.read_text(encoding="utf-8") == "<mediawiki>"
