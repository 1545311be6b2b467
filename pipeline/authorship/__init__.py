"""Telling poets apart by their lines: the classifiers, the folds they are tested on, the scores."""
