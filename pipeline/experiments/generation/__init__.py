"""Language models of poets."""
