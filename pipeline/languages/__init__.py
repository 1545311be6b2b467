"""What is particular to a language and to its wikis: a file for each language, and what reads them."""
