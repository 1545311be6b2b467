"""Each stage beside what else does its work, in one run, on the built-in sample: `make bench`."""
