"""Comparisons with other software, and faults on purpose; `make bench` compares stages on the built-in sample."""

import pipeline as pipeline  # before torch loads: it sets how long threads spin while they wait
