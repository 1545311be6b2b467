"""Recurrent units and language models. Knows tensors; knows no paths and no params.yaml."""
