"""Exports of language models that Hugging Face's transformers loads."""
