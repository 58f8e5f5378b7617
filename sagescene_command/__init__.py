"""The `sagescene` command: what people and their scripts type, on their own machine and for a deployed stack."""
