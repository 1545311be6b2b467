"""From prose to sentences and words, in any language."""
