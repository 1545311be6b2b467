"""sequences.db and its vocabulary."""
