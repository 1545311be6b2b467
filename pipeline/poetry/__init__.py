"""Poets' verse: its lines and their tags, the models that write it, and those that tell whose it is."""
