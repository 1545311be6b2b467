"""The code of the experiments on parity and poetry."""
