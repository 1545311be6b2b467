"""Faults on purpose, which no output may show: `python -m benchmarks.faults`."""
