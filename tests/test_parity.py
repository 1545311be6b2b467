"""The stage on few bits, and the section of the page that shows its report."""

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline import parity, report
from pipeline.experiments.parity.summary import net_figures
from pipeline.experiments.parity.tasks import SHOWN_STEPS
from pipeline.page.parity import LABELS, accuracy_by_length, rows
from pipeline.run.outputs import read_json, write_json
from pipeline.run.tsv import read_table
from tests.conftest import HERE, SetParams

TINY: dict[str, Any] = {
    "parity.bits": 4,
    "parity.seeds": 2,
    "parity.longest": 30,
    "parity.test_sequences": 50,
    "parity.recurrent.units": ["gru"],
    "parity.recurrent.first_length": 2,
    "parity.recurrent.most": 500,
    "parity.recurrent.updates": 150,
    "parity.feedforward.wide": [4],
    "parity.feedforward.deep": [24, 24],
    "parity.feedforward.updates": 100,
    "parity.needed.units": ["elman"],  # none that is trained from many seeds
    "parity.needed.bits": [2, 3],
    "parity.needed.hidden": [1, 8],
    "parity.needed.seeds": 1,
    "runtime.workers": 1,
}


HARDLY_TRAINED = TINY | {
    "parity.seeds": 1,
    "parity.recurrent.updates": 5,
    "parity.feedforward.updates": 5,
    "parity.needed.hidden": [1],
}
OUTPUTS = ["data/reports/parity.json", "data/plots/parity", "--metrics", "data/metrics/parity"]
DIES_WRITING = f"""
import os, signal
from pathlib import Path
from pipeline import parity

def write_most_and_die(path, text, **_):
    path.write_bytes(text[:-1].encode())
    os.kill(os.getpid(), signal.SIGKILL)

Path.write_text = write_most_and_die
parity.main({OUTPUTS})
"""


def run() -> tuple[bytes, dict[str, Any], dict[str, dict[str, float]]]:
    """The report as it was written and as it is read, and the metrics of each net."""
    parity.main(OUTPUTS)
    path = Path("data/reports/parity.json")
    return (
        path.read_bytes(),
        read_json(path),
        {own.stem: read_json(own) for own in Path("data/metrics/parity").iterdir()},
    )


@pytest.mark.slow
def test_nets_learn_few_bits_and_the_page_shows_them(set_params: SetParams) -> None:
    set_params(TINY)
    _, found, metrics = run()
    assert found["sequences"] == 16
    assert list(found["nets"]) == ["wide", "deep", "gru"]
    for run_ in found["nets"]["gru"]["runs"]:
        assert (run_["solved"], run_["whole"], run_["every_step"]) == (True, 1, 1)
        assert len(run_["by_length"]) == 30
        assert run_["by_length"][:4] == [1] * 4
    assert set(metrics) == {"wide", "deep", "gru"}
    assert metrics["gru"]["solved"] == 2
    assert metrics["gru"]["longest_best"] == max(run_["by_length"][-1] for run_ in found["nets"]["gru"]["runs"])
    held_out = [run_["held_out"] for run_ in found["nets"]["gru"]["held_out"]]
    assert len(held_out) == 2
    assert metrics["gru"]["held_out_accuracy"] == sum(held_out) / 2
    assert metrics["gru"]["held_out_worst"] == min(held_out) > 0.5
    assert metrics["gru"]["longest_exact"] == sum(run_["by_length"][-1] == 1 for run_ in found["nets"]["gru"]["runs"])
    assert metrics["gru"]["long_runs_worst"] == min(run_["runs_by_length"][-1] for run_ in found["nets"]["gru"]["runs"])
    assert list(metrics["wide"]) == ["parameters", "solved", "worst_accuracy", "held_out_accuracy", "held_out_worst"]
    nets, bits, shares = read_table(
        Path("data/plots/parity/by_length.tsv"), {"model": str, "bits": int, "share_right": float}, stage="parity"
    )
    assert (set(nets), bits) == ({"gru"}, list(range(1, 31)))
    first, second = (run_["by_length"] for run_ in found["nets"]["gru"]["runs"])
    assert shares == pytest.approx([(a + b) / 2 for a, b in zip(first, second, strict=True)])
    states = found["hidden_states"]["gru"]
    assert len(states["values"]) == 4
    assert {len(row) for row in [states["bits"], states["parity"], *states["values"]]} == {SHOWN_STEPS}
    assert [sum(states["bits"][: step + 1]) % 2 for step in range(SHOWN_STEPS)] == states["parity"]
    answers = found["needed"]["nets"]
    assert list(answers) == ["wide", "deep", "elman"]
    assert answers["wide"][0] == {"width": 8, "hidden_units": 8, "parameters": 2 * 8 + 8 + 8 + 1}
    assert answers["deep"][0]["hidden_units"] == 16
    assert found["needed"]["smallest"] == {"net": "wide", **answers["wide"][1]}
    assert found["needed"]["smallest"]["parameters"] == 3 * 8 + 8 + 8 + 1
    report.main(["data", "data/index.html", "data/plots/models"])
    page = Path("data/index.html").read_text(encoding="utf-8")
    for shown in ("feedforward, wide", "2 of 2", "Accuracy by length."):
        assert shown in page


@pytest.mark.slow
def test_a_stage_killed_while_it_writes_leaves_no_output_and_repeats_the_same_bytes(
    set_params: SetParams,
) -> None:
    set_params({**HARDLY_TRAINED, "runtime.workers": 2})
    ended = subprocess.run([sys.executable, "-c", DIES_WRITING], env=HERE, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    (left,) = (path for path in Path("data").rglob("*") if path.is_file())
    assert left.name == ".parity.json.partial"
    most = left.read_bytes()
    set_params({"runtime.workers": 1})
    assert run()[0] == most + b"\n"
    assert [path.name for path in Path("data").rglob(".*")] == []


def a_report(*, solved: bool) -> dict[str, Any]:
    """What the stage leaves of one net of each kind, by hand."""
    run = {
        **{
            "seed": 7,
            "parameters": 9,
            "solved": solved,
            "updates": 50,
            "restarts": 0,
            "whole": 0.75,
            "every_step": 0.5,
        },
        "curve": [[25, 0.5, 0.5], [50, 0.75, 0.5]],
    }
    long = {**run, "restarts": 2, "by_length": [1.0, 0.5, 0.25], "runs_by_length": [1.0, 1.0, 0.125]}
    better = {**long, "seed": 8, "restarts": 0, "solved": True, "whole": 1, "every_step": 0.875, "by_length": [1.0] * 3}
    nets: dict[str, Any] = {
        "wide": {"hidden_sizes": [3], "held_out": [{"seed": 7, "trained": 1, "held_out": 0.5}], "runs": [run]},
        "elman": {"hidden_sizes": [1], "held_out": [{"seed": 7, "trained": 1, "held_out": 1}], "runs": [long, better]},
    }
    wide = {"width": 2, "hidden_units": 2, "parameters": 9} if solved else None
    states = {"bits": [0, 1], "parity": [0, 1], "values": [[0.5, -0.25]]}
    return {
        "bits": 2,
        "sequences": 4,
        "held_out": 0.5,
        "test_sequences": 10,
        "longest": 3,
        "nets": {name: {**net, "figures": net_figures(net["runs"], net["held_out"])} for name, net in nets.items()},
        "hidden_states": {"elman": states} if solved else {},
        "needed": {
            "accuracy": 0.99,
            "seeds": 1,
            "bits": [2],
            "hidden": [1, 2],
            "layers": {"wide": 1, "elman": 1},
            "nets": {"wide": [wide], "elman": [None]},
            "smallest": wide and {"net": "wide", **wide},
        },
    }


def the_page(found: dict[str, Any]) -> str:
    """The words of the page of a run that left nothing but this."""
    write_json(Path("data/reports/parity.json"), found)
    report.main(["data", "data/index.html", "data/plots/models"])
    return " ".join(Path("data/index.html").read_text(encoding="utf-8").split())


@pytest.mark.usefixtures("in_tmp")
def test_the_page_shows_the_solved_seeds_and_the_accuracy_on_long_sequences() -> None:
    found = a_report(solved=False)
    found["nets"]["wide"]["figures"]["worst_accuracy"] = 4095 / 4096
    page = the_page(found)
    cells = ["Elman unit", "1", "9", "1 of 2", "75.0%", "1 of 2", "25.0%"]
    assert "".join(f"<td>{cell}</td>" for cell in cells) in page
    assert "<td>0 of 1</td><td>99.9%</td><td>-</td>" in page  # one wrong label is not rounded away
    told = accuracy_by_length(found)
    assert re.findall(r"<li>(Elman unit, .*?):", told) == ["Elman unit, worst seed", "Elman unit, best seed"]
    assert [(row["solved"], row["seeds"]) for row in rows(a_report(solved=True))] == [(1, 1), (2, 2)]


@pytest.mark.usefixtures("in_tmp")
def test_the_page_says_why_a_minimal_gru_fails_if_there_is_one() -> None:
    found = a_report(solved=False)
    assert "minGRU" not in the_page(found)
    found["nets"]["mingru"] = found["nets"].pop("elman")
    assert "at most as often as there are hidden units (1)" in the_page(found)


def test_each_net_has_a_colour_of_its_own() -> None:
    found = a_report(solved=False)
    found["nets"] = dict.fromkeys(LABELS, found["nets"]["elman"])
    assert len(set(re.findall(r'<li class="(c\d)">', accuracy_by_length(found)))) == len(LABELS)
