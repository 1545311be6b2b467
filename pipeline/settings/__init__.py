"""The sections of `params.yaml`, in modules for text, models, vectors, results and experiments, as in dvc.yaml."""
