"""Word vectors: writing them in the field's format, asking them questions."""
