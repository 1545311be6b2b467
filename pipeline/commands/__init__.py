"""The commands of `wikilm`: they read what the stages wrote, and each gives an `Answer`."""
