"""How a stage runs: its command, its parameters, its outputs."""
