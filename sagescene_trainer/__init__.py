"""A stand-in for the Image Classification training container: a process that trains a small network."""
