"""Prose to sentences and words, in any language."""
