"""Reads what the built-in Image Classification algorithm writes, and answers with it, without MXNet."""
