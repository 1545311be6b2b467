"""The training of each kind of entry in `models`, and the vectors from which it starts."""
