"""The stages that train: fit, measure and follow a model."""
