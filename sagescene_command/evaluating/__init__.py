"""A trained model held against a packed set."""
