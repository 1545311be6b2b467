"""A trained model: its files, its record, and its answers."""
