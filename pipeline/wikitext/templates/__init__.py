"""Templates: the text that they show, by their definitions or by their names."""
