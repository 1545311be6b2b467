"""What stages write as JSON for one another and for the commands: a type for each file.

A record has a version. A file says it under `version`; without that key it is 1, so all files from before records exist
have version 1, and no byte of a file changes that is written as before. Metrics never say it: DVC takes every key of
theirs for a figure.
"""
