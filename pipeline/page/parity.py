"""The section on parity, from the report of the stage."""

from models.recurrent.units import UNITS, compared_units
from pipeline.page.results import ForTemplate, Results
from pipeline.records.experiments import ParityReport
from pipeline.run.console import percent_learnt

NET_LABELS = {"wide": "feedforward, wide", "deep": "feedforward, deep"}
NET_LABELS |= {name: label for name, (label, _) in compared_units().items()}
LINEAR = [name for name, unit in UNITS.items() if not unit.hidden]  # units whose gates do not read the state


def section(results: Results) -> ForTemplate | None:
    """Return what `parity.html` shows; None without a report, or with an empty one."""
    if not (report := ParityReport.read_if_there(results.data / "reports/parity.json")):
        return None
    restarted = {NET_LABELS[name]: own.restarted for name, own in report.nets.items() if own.restarted}
    return {**dict(report), "labels": NET_LABELS, "linear": LINEAR, "learnt": percent_learnt, "restarted": restarted}
