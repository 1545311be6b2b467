"""Harnesses that break the pipeline on purpose; `python -m benchmarks.faults --help` lists them."""
