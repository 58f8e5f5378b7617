"""A trained model held against images with known labels: counted, measured and shown."""
