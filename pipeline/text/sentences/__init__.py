"""Prose to sentences, by rules for all scripts and abbreviations of the larger languages."""
