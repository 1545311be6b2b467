"""Each stage beside what else does its work, in one run, on the built-in sample: `make bench`."""

import pipeline as pipeline  # before torch loads: it says how long threads spin while they wait
