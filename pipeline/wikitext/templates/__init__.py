"""Templates: the text that they show, by their definitions, by their names, or by a guess."""
