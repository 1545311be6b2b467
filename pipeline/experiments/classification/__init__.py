"""Classifying poets by part-of-speech tags."""
