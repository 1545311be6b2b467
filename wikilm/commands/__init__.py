"""The commands of `wikilm`, one a module: they read what the stages wrote."""
