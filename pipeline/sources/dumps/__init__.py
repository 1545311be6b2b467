"""Reading dumps: their XML, and bzip2 files in pieces."""
