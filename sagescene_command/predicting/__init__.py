"""A trained model asked about images, and written as ONNX."""
