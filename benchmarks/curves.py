"""Chart the results of `benchmarks.embeddings --json FILE`: `python -m benchmarks.curves PAGE.html FILE...`."""

import json
import sys
from pathlib import Path
from statistics import fmean

from pipeline.page.charts import axis, lines, palette_of
from pipeline.page.description import Series

AXES = {"words": "words read", "cpu_seconds": "CPU seconds"}
STYLE = Path("pipeline/page/style.css")


def main(page: Path, files: list[Path]) -> None:
    """Draw the macro-average of each model by words read and by CPU seconds, the mean of all seeds."""
    runs = [run for file in files for run in json.loads(file.read_text(encoding="utf-8"))]
    for run in runs:
        run["name"] += f", {run['form']}"
    names = list(dict.fromkeys(run["name"] for run in runs))
    charts = ""
    for key, counted in AXES.items():
        curves = []
        for name in names:
            by_budget: dict[float, list[tuple[float, float]]] = {}
            for run in (run for run in runs if run["name"] == name):
                by_budget.setdefault(run["seconds"], []).append((run[key], run["macro_average"]))
            points = [
                [fmean(values) for values in zip(*by_budget[seconds], strict=True)] for seconds in sorted(by_budget)
            ]
            amounts, averages = zip(*points, strict=True)
            curves.append(Series(name, list(amounts), list(averages)))
        x = axis(counted, [amount for each in curves for amount in each.x], zero=True)
        y = axis("macro-average", [average for each in curves for average in each.y], zero=False)
        title = f"Macro-average over all evaluation sets by {counted}"
        charts += f"<figure>{lines(title, curves, x, y, palette_of(names))}</figure>"
    style = STYLE.read_text(encoding="utf-8")
    page.write_text(f'<!doctype html><meta charset="utf-8"><style>{style}</style><div class="pair">{charts}</div>')


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
