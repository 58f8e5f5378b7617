"""The algorithm's own network, trained by MXNet 1.9.1: runs on that library's Python, 3.8 to 3.11."""
