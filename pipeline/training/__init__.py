"""How each kind of entry in `language_models` is trained, and what it starts from."""
