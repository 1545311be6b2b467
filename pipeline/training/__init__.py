"""How each kind of entry in `models` is trained, and what it starts from."""
