"""Prose on its way to words: article shards, splitting, counting."""
