"""Each stage compared with other software for the same task, on the built-in sample: `make bench`."""

import pipeline as pipeline  # before torch loads: it sets how long threads spin while they wait
