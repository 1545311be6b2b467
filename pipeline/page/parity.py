"""The section on parity, from the report of the stage."""

from pipeline.page.results import ForTemplate, Results
from pipeline.run.console import percent_learnt

UNITS = {"elman": "Elman unit", "rated": "rated unit", "gru": "GRU", "lstm": "LSTM", "mingru": "minGRU"}
LABELS = {"wide": "feedforward, wide", "deep": "feedforward, deep", **UNITS, "mogrifier": "Mogrifier LSTM"}


def section(results: Results) -> ForTemplate | None:
    """Return what `parity.html` shows; None without a report, or with an empty one."""
    if not (report := results.json("reports/parity.json")):
        return None
    restarted = {LABELS[name]: own["restarted"] for name, own in report["nets"].items() if own.get("restarted")}
    return {**report, "labels": LABELS, "learnt": percent_learnt, "restarted": restarted}
