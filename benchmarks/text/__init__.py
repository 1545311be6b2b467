"""Prose from markup, and its sentences, compared with peers: `python -m benchmarks.text`."""
