"""Chart the results of `benchmarks.embeddings --json FILE`: `python -m benchmarks.curves PAGE.html FILE...`."""

import json
import sys
from pathlib import Path

from pipeline.page.analogies import accuracy_curves
from pipeline.page.charts import palette_of

AXES = {"words": "words read", "cpu_seconds": "CPU seconds"}
STYLE = Path("pipeline/page/style.css")


def main(page: Path, files: list[Path]) -> None:
    """Draw the accuracy on analogies by words read and by CPU seconds."""
    runs = {name: points for file in files for name, points in json.loads(file.read_text(encoding="utf-8")).items()}
    charts = ""
    for key, counted in AXES.items():
        curves = {name: [[p[key] for p in points], [p["both"] for p in points]] for name, points in runs.items()}
        charts += f"<figure>{accuracy_curves(curves, counted, palette_of(runs))}</figure>"
    style = STYLE.read_text(encoding="utf-8")
    page.write_text(f'<!doctype html><meta charset="utf-8"><style>{style}</style><div class="pair">{charts}</div>')


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
