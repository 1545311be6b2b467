"""Chart the results of `benchmarks.embeddings --json FILE`: `python -m benchmarks.curves PAGE.html FILE...`."""

import json
import sys
from pathlib import Path

from plotly.subplots import make_subplots

from pipeline.page.charts import accuracy_curves

AXES = {"words": "words read", "cpu_seconds": "CPU seconds"}


def main(page: Path, files: list[Path]) -> None:
    """Draw the accuracy on analogies by words read and by CPU seconds."""
    runs = {name: points for file in files for name, points in json.loads(file.read_text(encoding="utf-8")).items()}
    both = make_subplots(cols=len(AXES), shared_yaxes=True, horizontal_spacing=0.04)
    for column, (axis, title) in enumerate(AXES.items(), start=1):
        curves = {name: ([p[axis] for p in points], [p["both"] for p in points]) for name, points in runs.items()}
        chart = accuracy_curves(curves, title)
        for trace in chart.data:
            both.add_trace(trace.update(showlegend=column == 1), row=1, col=column)
        both.update_xaxes(chart.layout.xaxis, row=1, col=column)
    both.update_yaxes(chart.layout.yaxis.update(matches=None), row=1, col=1)
    both.update_layout(template="none", height=420, margin={"t": 60}, legend={"orientation": "h", "y": 1.15})
    both.write_html(page, config={"displayModeBar": False})


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
