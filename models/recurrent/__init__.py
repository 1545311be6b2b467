"""The recurrent units, their fast kernels, and dropout inside them."""
