"""Checks of the files and devices that settings name: a module for each stage that needs some."""
